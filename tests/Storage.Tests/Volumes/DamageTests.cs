using Vault.Protocol.Ids;
using Vault.Storage.Volumes;

namespace Vault.Storage.Tests.Volumes;

public sealed class DamageTests
{
    private static long OffsetOf(VolumeFixture fixture, byte[] body, out string path)
    {
        foreach (var file in fixture.FilesEnding(".log"))
        {
            var at = File.ReadAllBytes(file).AsSpan().IndexOf(body);
            if (at >= 0)
            {
                path = file;
                return at;
            }
        }

        throw new InvalidOperationException("The body is in no log.");
    }

    [Fact]
    public async Task Flipped_bit_in_a_body_is_never_served_and_the_rest_is()
    {
        await using var fixture = await VolumeFixture.OpenAsync();
        var (good, bad) = (VolumeFixture.Body(1, 3000), VolumeFixture.Body(2, 3000));
        var (goodCid, _) = await fixture.StoreAsync(good);
        var (badCid, receipt) = await fixture.StoreAsync(bad);
        List<QuarantinedRecord> reported = [];
        fixture.Volume.Damaged += reported.Add;
        var offset = OffsetOf(fixture, bad, out var path);
        VolumeFixture.Flip(path, offset + 77);

        await Assert.ThrowsAsync<VolumeCorruptException>(async () => await fixture.Volume.ReadVerifiedAsync(badCid));

        Assert.Equal((badCid, receipt.Sequence), (reported.Single().Cid, reported.Single().Sequence));
        Assert.Equal(good, await fixture.ReadAsync(goodCid));
        await fixture.CrashAndStartAsync();
        await Assert.ThrowsAsync<VolumeCorruptException>(async () => await fixture.ReadAsync(badCid));
        Assert.Equal(good, await fixture.ReadAsync(goodCid));
    }

    [Fact]
    public async Task Tag_failure_is_rechecked_and_only_a_damaged_record_is_quarantined()
    {
        await using var fixture = await VolumeFixture.OpenAsync();
        var (good, bad) = (VolumeFixture.Body(1, 500), VolumeFixture.Body(2, 500));
        var (goodCid, _) = await fixture.StoreAsync(good);
        var (badCid, _) = await fixture.StoreAsync(bad);
        var offset = OffsetOf(fixture, bad, out var path);
        VolumeFixture.Flip(path, offset);

        Assert.False(await fixture.Volume.ReportUnreadableAsync(goodCid));
        Assert.True(await fixture.Volume.ReportUnreadableAsync(badCid));

        Assert.Equal(good, await fixture.ReadAsync(goodCid));
        Assert.Equal(ShardState.Quarantined, fixture.Volume.Find(badCid)!.Value.State);
    }

    [Fact]
    public async Task Good_copy_serves_when_the_newer_one_is_damaged()
    {
        await using var fixture = await VolumeFixture.OpenAsync();
        var body = VolumeFixture.Body(1, 500);
        var (cid, _) = await fixture.StoreAsync(body);
        var first = OffsetOf(fixture, body, out var path);
        await fixture.StoreAsync(body);
        VolumeFixture.Flip(path, File.ReadAllBytes(path).AsSpan((int)first + 1).IndexOf(body) + first + 1);

        Assert.True(await fixture.Volume.ReportUnreadableAsync(cid));

        Assert.Equal(body, await fixture.ReadAsync(cid));
    }

    [Fact]
    public async Task Damaged_header_loses_one_record_at_a_restart_and_it_is_reported()
    {
        await using var fixture = await VolumeFixture.OpenAsync();
        var bodies = Enumerable.Range(0, 20).Select(i => VolumeFixture.Body(i, 1000)).ToArray();
        var cids = new List<Cid>();
        foreach (var body in bodies)
            cids.Add((await fixture.StoreAsync(body)).Cid);
        var offset = OffsetOf(fixture, bodies[9], out var path);
        VolumeFixture.Flip(path, offset - 100);

        await fixture.CrashAndStartAsync();

        Assert.Null(await fixture.ReadAsync(cids[9]));
        for (var i = 0; i < bodies.Length; i++)
            Assert.Equal(i == 9 ? null : bodies[i], await fixture.ReadAsync(cids[i]));
        var damage = Assert.Single(fixture.Volume.Recovery.Damaged);
        Assert.Equal((null, offset - 112), (damage.Cid, damage.Offset));
    }

    [Fact]
    public async Task Body_that_imitates_records_is_never_taken_for_one()
    {
        await using var fixture = await VolumeFixture.OpenAsync();
        var inner = VolumeFixture.Body(1, 2000);
        var (innerCid, _) = await fixture.StoreAsync(inner);
        var offset = OffsetOf(fixture, inner, out var path);
        var stolen = File.ReadAllBytes(path)[((int)offset - 112)..((int)offset + 2000 + 112)];
        var (carrier, _) = await fixture.StoreAsync(stolen);
        await fixture.Volume.DeleteAsync(innerCid, ulong.MaxValue);
        // The carrier's header is damaged, so the scan walks into its body.
        VolumeFixture.Flip(path, File.ReadAllBytes(path).AsSpan().LastIndexOf(stolen) - 60);

        await fixture.CrashAndStartAsync();

        Assert.Null(await fixture.ReadAsync(innerCid));
        Assert.Null(await fixture.ReadAsync(carrier));
    }

    [Fact]
    public async Task Scrub_finds_a_damaged_body_and_a_damaged_header_costs_nothing()
    {
        await using var fixture = await VolumeFixture.OpenAsync();
        var bodies = Enumerable.Range(0, 40).Select(i => VolumeFixture.Body(i, 4000)).ToArray();
        foreach (var body in bodies)
            await fixture.StoreAsync(body);
        await fixture.RestartAsync();
        var (bad, headless) = (OffsetOf(fixture, bodies[5], out var path), OffsetOf(fixture, bodies[6], out _));
        VolumeFixture.Flip(path, bad + 3999);
        VolumeFixture.Flip(path, headless - 112 + 40);

        var damaged = await fixture.Volume.ScrubAsync(DateTimeOffset.MaxValue.AddDays(-1));

        Assert.Equal(1, damaged);
        Assert.Equal(ShardState.Quarantined, fixture.Volume.Find(Cid.Compute(bodies[5]))!.Value.State);
        Assert.Equal(bodies[6], await fixture.ReadAsync(Cid.Compute(bodies[6])));
        Assert.True(await fixture.Volume.CompactAsync() > 0);
        Assert.Equal(bodies[6], await fixture.ReadAsync(Cid.Compute(bodies[6])));
        Assert.Null(await fixture.ReadAsync(Cid.Compute(bodies[5])));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(4096 + 50)]
    [InlineData(-100)]
    public async Task Damaged_index_file_is_made_again_from_its_log(int at)
    {
        await using var fixture = await VolumeFixture.OpenAsync();
        var bodies = Enumerable.Range(0, 30).Select(i => VolumeFixture.Body(i, 1000)).ToArray();
        foreach (var body in bodies)
            await fixture.StoreAsync(body);
        await fixture.RestartAsync();
        var index = Assert.Single(fixture.FilesEnding(".idx"));
        VolumeFixture.Flip(index, at < 0 ? new FileInfo(index).Length + at : at);

        // A hash page is found damaged by a lookup, the other pages when the file is opened.
        foreach (var body in bodies)
            Assert.Equal(body, await fixture.ReadAsync(Cid.Compute(body)));
        await fixture.RestartAsync();

        foreach (var body in bodies)
            Assert.Equal(body, await fixture.ReadAsync(Cid.Compute(body)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Lost_manifest_is_made_again_from_the_logs(bool deleted)
    {
        await using var fixture = await VolumeFixture.OpenAsync();
        var bodies = Enumerable.Range(0, 300).Select(i => VolumeFixture.Body(i, 3000)).ToArray();
        foreach (var body in bodies)
            await fixture.StoreAsync(body);
        await fixture.Volume.DeleteAsync(Cid.Compute(bodies[8]), ulong.MaxValue);
        await fixture.Volume.DisposeAsync();
        var manifest = Path.Combine(fixture.Options.Path, "MANIFEST");
        if (deleted)
            File.Delete(manifest);
        else
            VolumeFixture.Flip(manifest, 100);

        await fixture.StartAsync();

        Assert.True(fixture.Volume.Recovery.RebuiltManifest);
        for (var i = 0; i < bodies.Length; i++)
            Assert.Equal(i == 8 ? null : bodies[i], await fixture.ReadAsync(Cid.Compute(bodies[i])));
    }

    [Fact]
    public async Task Damaged_log_header_is_reported_and_costs_nothing()
    {
        await using var fixture = await VolumeFixture.OpenAsync();
        var (cid, _) = await fixture.StoreAsync(VolumeFixture.Body(1, 1000));
        await fixture.RestartAsync();
        VolumeFixture.Flip(fixture.FilesEnding(".log")[0], 40);

        await fixture.CrashAndStartAsync();

        Assert.Equal(VolumeFixture.Body(1, 1000), await fixture.ReadAsync(cid));
        Assert.Equal(0, Assert.Single(fixture.Volume.Recovery.Damaged).Offset);
    }

    [Fact]
    public async Task Volume_of_another_number_is_refused()
    {
        await using var fixture = await VolumeFixture.OpenAsync();
        await fixture.Volume.DisposeAsync();
        fixture.Options.Number = 8;

        await Assert.ThrowsAsync<VolumeFormatException>(fixture.StartAsync);
    }

    [Fact]
    public async Task Unreadable_sector_quarantines_the_record()
    {
        await using var fixture = await VolumeFixture.OpenAsync();
        await fixture.Volume.DisposeAsync();
        var files = new FaultyFiles();
        fixture.Files = files;
        await fixture.StartAsync();
        var body = VolumeFixture.Body(1, 3000);
        var (cid, _) = await fixture.StoreAsync(body);
        files.OnRead = _ => throw new IOException("Input/output error");

        await Assert.ThrowsAsync<VolumeCorruptException>(async () => await fixture.ReadAsync(cid));
        files.OnRead = null;
    }
}
