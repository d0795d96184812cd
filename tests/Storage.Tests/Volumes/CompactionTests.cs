using Vault.Protocol.Ids;

namespace Vault.Storage.Tests.Volumes;

public sealed class CompactionTests
{
    private static async Task<List<(Cid Cid, ulong Sequence, byte[] Body)>> FillAsync(
        VolumeFixture fixture, int count, int seed = 0)
    {
        List<(Cid, ulong, byte[])> stored = [];
        for (var i = 0; i < count; i++)
        {
            var body = VolumeFixture.Body(seed + i, 2000 + i % 7 * 300);
            var (cid, receipt) = await fixture.StoreAsync(body);
            stored.Add((cid, receipt.Sequence, body));
        }

        return stored;
    }

    private static long LogBytes(VolumeFixture fixture) =>
        fixture.FilesEnding(".log").Sum(path => new FileInfo(path).Length);

    [Fact]
    public async Task Compaction_frees_what_was_deleted_and_keeps_the_rest()
    {
        await using var fixture = await VolumeFixture.OpenAsync();
        var stored = await FillAsync(fixture, 600);
        foreach (var (cid, sequence, _) in stored.Where((_, i) => i % 3 != 0))
            await fixture.Volume.DeleteAsync(cid, sequence);
        await fixture.RestartAsync();
        var before = LogBytes(fixture);

        Assert.True(await fixture.Volume.CompactAsync() > 0);

        Assert.True(LogBytes(fixture) < before / 2);
        for (var round = 0; round < 2; round++)
        {
            for (var i = 0; i < stored.Count; i++)
                Assert.Equal(i % 3 == 0 ? stored[i].Body : null, await fixture.ReadAsync(stored[i].Cid));
            Assert.Equal(stored[0].Sequence, fixture.Volume.Find(stored[0].Cid)!.Value.Sequence);
            await fixture.CrashAndStartAsync();
        }
    }

    [Fact]
    public async Task Tombstone_outlives_compaction_of_its_own_log_while_an_older_log_holds_the_shard()
    {
        await using var fixture = await VolumeFixture.OpenAsync();
        var stored = await FillAsync(fixture, 100);
        await fixture.RestartAsync();
        var later = await FillAsync(fixture, 60, seed: 1000);
        await fixture.Volume.DeleteAsync(stored[50].Cid, stored[50].Sequence);
        foreach (var (cid, sequence, _) in later)
            await fixture.Volume.DeleteAsync(cid, sequence);
        await fixture.RestartAsync();

        await fixture.Volume.CompactAsync();
        await fixture.RestartAsync();

        Assert.Null(await fixture.ReadAsync(stored[50].Cid));
        Assert.Equal(stored[51].Body, await fixture.ReadAsync(stored[51].Cid));
    }

    [Fact]
    public async Task Empty_volume_takes_no_space_after_everything_was_deleted()
    {
        await using var fixture = await VolumeFixture.OpenAsync();
        foreach (var (cid, sequence, _) in await FillAsync(fixture, 400))
            await fixture.Volume.DeleteAsync(cid, sequence);
        await fixture.RestartAsync();

        await fixture.Volume.CompactAsync();

        Assert.Empty(fixture.FilesEnding(".idx"));
        Assert.Single(fixture.FilesEnding(".log"));
    }

    [Fact]
    public async Task Small_logs_of_many_restarts_are_merged()
    {
        await using var fixture = await VolumeFixture.OpenAsync();
        List<(Cid Cid, ulong Sequence, byte[] Body)> stored = [];
        for (var i = 0; i < 8; i++)
        {
            stored.AddRange(await FillAsync(fixture, 3, seed: i * 10));
            await fixture.RestartAsync();
        }

        Assert.True(fixture.FilesEnding(".idx").Length >= 8);
        await fixture.Volume.CompactAsync();

        Assert.Single(fixture.FilesEnding(".idx"));
        foreach (var (cid, _, body) in stored)
            Assert.Equal(body, await fixture.ReadAsync(cid));
        Assert.Equal(0, await fixture.Volume.CompactAsync());
    }

    [Fact]
    public async Task Trash_and_expiry_survive_compaction()
    {
        await using var fixture = await VolumeFixture.OpenAsync();
        var stored = await FillAsync(fixture, 200);
        await fixture.Volume.TrashAsync(stored[3].Cid, stored[3].Sequence);
        await fixture.Volume.SetExpiryAsync(stored[4].Cid, stored[4].Sequence, 42);
        foreach (var (cid, sequence, _) in stored.Skip(5))
            await fixture.Volume.DeleteAsync(cid, sequence);
        await fixture.RestartAsync();

        await fixture.Volume.CompactAsync();
        await fixture.RestartAsync();

        Assert.Null(await fixture.ReadAsync(stored[3].Cid));
        Assert.Equal(42ul, fixture.Volume.Find(stored[4].Cid)!.Value.ExpiresAtMs);
        Assert.True(await fixture.Volume.RestoreAsync(stored[3].Cid, stored[3].Sequence));
        Assert.Equal(stored[3].Body, await fixture.ReadAsync(stored[3].Cid));
    }

    [Fact]
    public async Task Readers_appenders_and_deleters_go_on_while_logs_are_sealed_and_compacted()
    {
        await using var fixture =
            await VolumeFixture.OpenAsync(options => options.MaintenanceInterval = TimeSpan.FromMilliseconds(5));
        var kept = await FillAsync(fixture, 50);
        using var stop = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 2).Select(r => Task.Run(async () =>
        {
            var random = new Random(r);
            var reads = 0;
            for (; !stop.IsCancellationRequested; reads++)
            {
                var (cid, _, body) = kept[random.Next(kept.Count)];
                Assert.Equal(body, await fixture.ReadAsync(cid));
            }

            return reads;
        })).ToArray();

        await Task.WhenAll(Enumerable.Range(1, 4).Select(async writer =>
        {
            foreach (var (cid, sequence, _) in await FillAsync(fixture, 250, seed: writer * 100_000))
                Assert.True(await fixture.Volume.DeleteAsync(cid, sequence));
        }));
        while (await fixture.Volume.CompactAsync() > 0)
        {
        }

        await stop.CancelAsync();
        Assert.True((await Task.WhenAll(readers)).Sum() > 100);
        foreach (var (cid, _, body) in kept)
            Assert.Equal(body, await fixture.ReadAsync(cid));
    }
}
