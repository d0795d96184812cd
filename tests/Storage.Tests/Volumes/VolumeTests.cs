using Vault.Protocol.Ids;
using Vault.Storage.Volumes;

namespace Vault.Storage.Tests.Volumes;

public sealed class VolumeTests
{
    [Fact]
    public async Task Append_then_read_gives_the_same_bytes()
    {
        await using var fixture = await VolumeFixture.OpenAsync();
        var body = VolumeFixture.Body(1, 5000);

        var (cid, receipt) = await fixture.StoreAsync(body, shard: 9);

        Assert.Equal(7u, receipt.VolumeNumber);
        Assert.Equal(body, await fixture.ReadAsync(cid));
        var record = fixture.Volume.Find(cid);
        Assert.NotNull(record);
        Assert.Equal((receipt.Sequence, 5000, (ushort)9, 3u, receipt.WrittenAtMs),
            (
                record.Value.Sequence, record.Value.BodyBytes, record.Value.ShardIndex, record.Value.ChunkIndex,
                record.Value.WrittenAtMs));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(4096)]
    [InlineData(128 << 10)]
    public async Task Bodies_of_any_length_survive_a_crash(int length)
    {
        await using var fixture = await VolumeFixture.OpenAsync();
        var body = VolumeFixture.Body(length, length);
        var (cid, _) = await fixture.StoreAsync(body);

        await fixture.CrashAndStartAsync();

        Assert.Equal(body, await fixture.ReadAsync(cid));
        Assert.Empty(fixture.Volume.Recovery.Damaged);
        Assert.Equal(0, fixture.Volume.Recovery.TornBytes);
    }

    [Fact]
    public async Task Unknown_shard_is_not_found()
    {
        await using var fixture = await VolumeFixture.OpenAsync();
        var cid = Cid.Compute([1, 2, 3]);

        Assert.Null(await fixture.ReadAsync(cid));
        Assert.Equal(-1, await fixture.Volume.ReadAsync(cid, new byte[10]));
        Assert.Null(fixture.Volume.Find(cid));
        Assert.False(await fixture.Volume.DeleteAsync(cid, ulong.MaxValue));
    }

    [Fact]
    public async Task Read_into_a_buffer_fills_only_the_shards_length()
    {
        await using var fixture = await VolumeFixture.OpenAsync();
        var body = VolumeFixture.Body(4, 3000);
        var (cid, receipt) = await fixture.StoreAsync(body);
        var buffer = new byte[4000];

        Assert.Equal(3000, await fixture.Volume.ReadAsync(cid, buffer, receipt.Sequence, verify: true));
        Assert.Equal(body, buffer[..3000]);
        Assert.Equal(0, buffer[3000]);
        await Assert.ThrowsAsync<ArgumentException>(async () => await fixture.Volume.ReadAsync(cid, new byte[2999]));
    }

    [Fact]
    public async Task Ranges_stop_at_the_end_of_the_shard()
    {
        await using var fixture = await VolumeFixture.OpenAsync();
        var body = VolumeFixture.Body(5, 1000);
        var (cid, _) = await fixture.StoreAsync(body);
        var buffer = new byte[300];

        Assert.Equal(300, await fixture.Volume.ReadRangeAsync(cid, 100, buffer));
        Assert.Equal(body[100..400], buffer);
        Assert.Equal(100, await fixture.Volume.ReadRangeAsync(cid, 900, buffer));
        Assert.Equal(0, await fixture.Volume.ReadRangeAsync(cid, 5000, buffer));
    }

    [Fact]
    public async Task Deleted_shard_stays_deleted_after_a_crash()
    {
        await using var fixture = await VolumeFixture.OpenAsync();
        var (cid, receipt) = await fixture.StoreAsync(VolumeFixture.Body(1, 100));

        Assert.True(await fixture.Volume.DeleteAsync(cid, receipt.Sequence));
        Assert.Null(await fixture.ReadAsync(cid));
        await fixture.CrashAndStartAsync();

        Assert.Null(await fixture.ReadAsync(cid));
        Assert.False(await fixture.Volume.DeleteAsync(cid, receipt.Sequence));
    }

    [Fact]
    public async Task Delete_leaves_a_newer_record_of_the_same_shard()
    {
        await using var fixture = await VolumeFixture.OpenAsync();
        var body = VolumeFixture.Body(1, 100);
        var (cid, first) = await fixture.StoreAsync(body);
        var (_, second) = await fixture.StoreAsync(body);

        Assert.True(second.Sequence > first.Sequence);
        Assert.True(await fixture.Volume.DeleteAsync(cid, first.Sequence));
        Assert.Equal(body, await fixture.ReadAsync(cid));
        await fixture.CrashAndStartAsync();
        Assert.Equal(body, await fixture.ReadAsync(cid));

        Assert.True(await fixture.Volume.DeleteAsync(cid, second.Sequence));
        Assert.Null(await fixture.ReadAsync(cid));
    }

    [Fact]
    public async Task Shard_stored_again_after_its_deletion_is_served()
    {
        await using var fixture = await VolumeFixture.OpenAsync();
        var body = VolumeFixture.Body(2, 100);
        var (cid, first) = await fixture.StoreAsync(body);
        await fixture.Volume.DeleteAsync(cid, first.Sequence);
        await fixture.StoreAsync(body);

        Assert.Equal(body, await fixture.ReadAsync(cid));
        await fixture.RestartAsync();
        Assert.Equal(body, await fixture.ReadAsync(cid));
    }

    [Fact]
    public async Task Trash_hides_restore_shows_and_expiry_is_remembered()
    {
        await using var fixture = await VolumeFixture.OpenAsync();
        var body = VolumeFixture.Body(3, 100);
        var (cid, receipt) = await fixture.StoreAsync(body);

        Assert.True(await fixture.Volume.TrashAsync(cid, receipt.Sequence));
        Assert.True(await fixture.Volume.SetExpiryAsync(cid, receipt.Sequence, 123456));
        await fixture.CrashAndStartAsync();
        Assert.Null(await fixture.ReadAsync(cid));
        Assert.Equal(ShardState.Trashed, fixture.Volume.Find(cid)!.Value.State);

        Assert.True(await fixture.Volume.RestoreAsync(cid, receipt.Sequence));
        await fixture.CrashAndStartAsync();
        Assert.Equal(body, await fixture.ReadAsync(cid));
        Assert.Equal(123456ul, fixture.Volume.Find(cid)!.Value.ExpiresAtMs);
    }

    [Fact]
    public async Task Records_survive_many_logs_restarts_and_crashes()
    {
        await using var fixture = await VolumeFixture.OpenAsync();
        Dictionary<Cid, byte[]> stored = [];
        for (var round = 0; round < 4; round++)
        {
            var appends = Enumerable.Range(round * 200, 200).Select(async i =>
            {
                var body = VolumeFixture.Body(i, 200 + i * 13 % 9000);
                return ((await fixture.StoreAsync(body)).Cid, body);
            });
            foreach (var (cid, body) in await Task.WhenAll(appends))
                stored[cid] = body;
            _ = round % 2 == 0 ? await fixture.CrashAndStartAsync() : await fixture.RestartAsync();
            Assert.Equal(0, fixture.Volume.Recovery.RebuiltIndexes);
        }

        Assert.True(fixture.FilesEnding(".log").Length > 10);
        foreach (var (cid, body) in stored)
            Assert.Equal(body, await fixture.ReadAsync(cid));
    }

    [Fact]
    public async Task Sequences_rise_across_restarts_even_when_everything_was_deleted()
    {
        await using var fixture = await VolumeFixture.OpenAsync();
        var (cid, first) = await fixture.StoreAsync(VolumeFixture.Body(1, 100));
        await fixture.Volume.DeleteAsync(cid, first.Sequence);
        await fixture.RestartAsync();
        await fixture.Volume.CompactAsync();
        Assert.Empty(fixture.FilesEnding(".idx"));
        await fixture.RestartAsync();

        var (_, second) = await fixture.StoreAsync(VolumeFixture.Body(2, 100));

        Assert.True(second.Sequence > first.Sequence + 1);
    }

    [Fact]
    public async Task Too_long_a_shard_is_refused()
    {
        await using var fixture = await VolumeFixture.OpenAsync();
        var body = new byte[fixture.Options.MaxBodyBytes + 1];

        await Assert.ThrowsAsync<ArgumentException>(() => fixture.StoreAsync(body));
    }

    [Fact]
    public async Task Second_opener_is_refused()
    {
        await using var fixture = await VolumeFixture.OpenAsync();

        await Assert.ThrowsAsync<VolumeLockedException>(
            () => Volume.OpenAsync(
                fixture.Options, null, TimeProvider.System,
                Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance));
    }

    [Fact]
    public async Task Closed_volume_refuses_everything()
    {
        await using var fixture = await VolumeFixture.OpenAsync();
        var (cid, receipt) = await fixture.StoreAsync(VolumeFixture.Body(1, 10));
        using var lease = await fixture.Volume.ReadAsync(cid);
        await fixture.Volume.DisposeAsync();

        Assert.Equal(VolumeFixture.Body(1, 10), lease!.Memory.ToArray());
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await fixture.Volume.ReadAsync(cid));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => fixture.StoreAsync([1]));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await fixture.Volume.DeleteAsync(
            cid, receipt.Sequence));
    }

    [Fact]
    public async Task Listing_walks_all_records_in_order_and_resumes()
    {
        await using var fixture = await VolumeFixture.OpenAsync();
        List<(Cid Cid, ulong Sequence)> expected = [];
        for (var i = 0; i < 300; i++)
        {
            var (cid, receipt) = await fixture.StoreAsync(VolumeFixture.Body(i, 3000));
            expected.Add((cid, receipt.Sequence));
        }

        foreach (var i in new[] { 250, 100, 7 })
        {
            await fixture.Volume.DeleteAsync(expected[i].Cid, expected[i].Sequence);
            expected.RemoveAt(i);
        }

        List<(Cid, ulong)> listed = [];
        var page = new ShardRecord[17];
        ulong after = 0;
        while (fixture.Volume.List(after, page) is var count and > 0)
        {
            listed.AddRange(page[..count].Select(record => (record.Cid, record.Sequence)));
            after = page[count - 1].Sequence;
        }

        Assert.Equal(expected, listed);
    }
}
