using System.Diagnostics;
using Vault.Protocol.Ids;
using Vault.Storage.Volumes;

namespace Vault.Storage.Tests.Volumes;

public sealed class FailureTests
{
    private static async Task<(VolumeFixture Fixture, FaultyFiles Files)> OpenAsync(
        Action<VolumeOptions>? configure = null)
    {
        var fixture = new VolumeFixture();
        var files = new FaultyFiles();
        fixture.Files = files;
        configure?.Invoke(fixture.Options);
        await fixture.StartAsync();
        return (fixture, files);
    }

    [Fact]
    public async Task Failed_sync_fails_the_append_and_the_volume_goes_on_in_a_new_log()
    {
        var (fixture, files) = await OpenAsync();
        await using var _ = fixture;
        var before = VolumeFixture.Body(1, 1000);
        var (kept, receipt) = await fixture.StoreAsync(before);
        var failures = 1;
        files.OnSync = point =>
        {
            if (point == SyncPoint.GroupCommit && failures-- > 0)
                throw new IOException("Input/output error");
        };

        await Assert.ThrowsAsync<VolumeWriteException>(() => fixture.StoreAsync(VolumeFixture.Body(2, 1000)));
        var (after, later) = await fixture.StoreAsync(VolumeFixture.Body(3, 1000));

        Assert.True(later.Sequence > receipt.Sequence + 1);
        Assert.Equal(2, fixture.FilesEnding(".log").Length);
        await fixture.CrashAndStartAsync();
        Assert.Equal(before, await fixture.ReadAsync(kept));
        Assert.NotNull(await fixture.ReadAsync(after));
        Assert.Null(await fixture.ReadAsync(Cid.Compute(VolumeFixture.Body(2, 1000))));
        Assert.Empty(fixture.Volume.Recovery.Damaged);
    }

    [Fact]
    public async Task Volume_is_read_only_until_a_new_log_opens()
    {
        var (fixture, files) = await OpenAsync();
        await using var _ = fixture;
        var body = VolumeFixture.Body(1, 1000);
        var (cid, _) = await fixture.StoreAsync(body);
        files.OnSync = _ => throw new IOException("Input/output error");

        await Assert.ThrowsAsync<VolumeWriteException>(() => fixture.StoreAsync(VolumeFixture.Body(2, 10)));
        await Assert.ThrowsAsync<VolumeReadOnlyException>(() => fixture.StoreAsync(VolumeFixture.Body(3, 10)));
        Assert.Equal(VolumeState.ReadOnly, fixture.Volume.State);
        Assert.Equal(body, await fixture.ReadAsync(cid));

        files.OnSync = null;
        await fixture.StoreAsync(VolumeFixture.Body(4, 10));
        Assert.Equal(VolumeState.Open, fixture.Volume.State);
    }

    [Fact]
    public async Task Volume_takes_writes_again_although_nobody_asks_it_to()
    {
        var (fixture, files) = await OpenAsync(options => options.MaintenanceInterval = TimeSpan.FromMilliseconds(10));
        await using var _ = fixture;
        files.OnSync = _ => throw new IOException("Input/output error");
        await Assert.ThrowsAsync<VolumeWriteException>(() => fixture.StoreAsync(VolumeFixture.Body(1, 10)));
        Assert.Equal(VolumeState.ReadOnly, fixture.Volume.State);

        files.OnSync = null;

        Assert.True(SpinWait.SpinUntil(() => fixture.Volume.State == VolumeState.Open, TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public async Task Acknowledgement_comes_after_the_sync()
    {
        var (fixture, files) = await OpenAsync();
        await using var _ = fixture;
        using var entered = new SemaphoreSlim(0);
        using var released = new ManualResetEventSlim();
        files.OnSync = point =>
        {
            if (point != SyncPoint.GroupCommit)
                return;
            entered.Release();
            released.Wait();
        };

        var append = fixture.StoreAsync(VolumeFixture.Body(1, 100));
        await entered.WaitAsync();
        Assert.False(append.IsCompleted);
        Assert.Null(fixture.Volume.Find(Cid.Compute(VolumeFixture.Body(1, 100))));
        released.Set();

        await append;
        Assert.NotNull(fixture.Volume.Find(Cid.Compute(VolumeFixture.Body(1, 100))));
    }

    [Fact]
    public async Task Span_of_an_append_ends_after_its_sync()
    {
        var (fixture, files) = await OpenAsync();
        await using var _ = fixture;
        List<string> order = [];
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Vault.Storage",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = span =>
            {
                if (span.GetTagItem("vault.shard.bytes") is 4321)
                    order.Add("span");
            },
        };
        ActivitySource.AddActivityListener(listener);
        files.OnSync = point => order.Add(point.ToString());

        await fixture.StoreAsync(VolumeFixture.Body(1, 4321));

        Assert.Equal(["GroupCommit", "span"], order);
    }

    [Fact]
    public async Task Appends_that_wait_together_share_one_sync()
    {
        var (fixture, files) = await OpenAsync();
        await using var _ = fixture;
        using var entered = new SemaphoreSlim(0);
        using var released = new SemaphoreSlim(0);
        files.OnSync = point =>
        {
            if (point != SyncPoint.GroupCommit)
                return;
            entered.Release();
            released.Wait();
        };

        var first = fixture.StoreAsync(VolumeFixture.Body(0, 100));
        await entered.WaitAsync();
        var waiting = Enumerable.Range(1, 50).Select(i => fixture.StoreAsync(VolumeFixture.Body(i, 100))).ToArray();
        released.Release(2);
        await Task.WhenAll([first, .. waiting]);

        Assert.Equal(2, files.Syncs.Count(point => point == SyncPoint.GroupCommit));
    }

    [Fact]
    public async Task Full_volume_refuses_shards_takes_deletes_and_opens_again_after_compaction()
    {
        var (fixture, _) = await OpenAsync(options =>
        {
            options.CapacityBytes = 8 * options.LogBytes;
            options.MaintenanceInterval = TimeSpan.FromMilliseconds(20);
        });
        await using var held = fixture;
        List<(Cid Cid, ShardReceipt Receipt)> stored = [];
        await Assert.ThrowsAsync<VolumeFullException>(async () =>
        {
            for (var i = 0; ; i++)
                stored.Add(await fixture.StoreAsync(VolumeFixture.Body(i, 4000)));
        });
        Assert.True(fixture.Volume.GetStats().FreeBytes >= 2 * fixture.Options.LogBytes);
        Assert.NotNull(await fixture.ReadAsync(stored[0].Cid));

        for (var i = 0; i < stored.Count; i += 2)
            Assert.True(await fixture.Volume.DeleteAsync(stored[i].Cid, stored[i].Receipt.Sequence));
        var again = await StoreWhenPossibleAsync(fixture);

        Assert.NotNull(await fixture.ReadAsync(again));
        for (var i = 0; i < stored.Count; i++)
            Assert.Equal(i % 2 == 1, await fixture.ReadAsync(stored[i].Cid) is not null);
    }

    /// <summary>Compaction runs by itself; how long it takes is the machine's business.</summary>
    private static async Task<Cid> StoreWhenPossibleAsync(VolumeFixture fixture)
    {
        while (true)
        {
            try
            {
                return (await fixture.StoreAsync(VolumeFixture.Body(-1, 4000))).Cid;
            }
            catch (VolumeFullException)
            {
                await Task.Yield();
            }
        }
    }

    [Fact]
    public async Task Disk_filled_by_others_stops_storing_but_not_deleting()
    {
        var (fixture, files) = await OpenAsync(options => options.MaintenanceInterval = TimeSpan.FromMilliseconds(10));
        await using var _ = fixture;
        var (cid, receipt) = await fixture.StoreAsync(VolumeFixture.Body(1, 1000));
        files.Free = 100;
        while (fixture.Volume.State != VolumeState.Full)
            await Task.Yield();

        await Assert.ThrowsAsync<VolumeFullException>(() => fixture.StoreAsync(VolumeFixture.Body(2, 1000)));
        Assert.True(await fixture.Volume.DeleteAsync(cid, receipt.Sequence));

        files.Free = null;
        while (fixture.Volume.State != VolumeState.Open)
            await Task.Yield();
        await fixture.StoreAsync(VolumeFixture.Body(2, 1000));
    }

    [Fact]
    public void Wrong_settings_are_all_reported_at_once()
    {
        var result = new VolumeOptionsValidator().Validate(null, new VolumeOptions
        {
            LogBytes = 100, CompactionDeadPercent = 0, ScrubInterval = TimeSpan.Zero,
        });

        Assert.Equal(5, result.Failures!.Count()); // with the missing path, and LogBytes twice
    }
}
