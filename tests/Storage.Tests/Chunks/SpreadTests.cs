using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Vault.Protocol.Encryption;
using Vault.Protocol.Manifests;
using Vault.Storage.Chunks;
using Vault.Storage.Shards;
using Vault.Storage.Tests.Shards;
using Vault.Storage.Tests.Volumes;
using Vault.Storage.Volumes;

namespace Vault.Storage.Tests.Chunks;

/// <summary>Bodies over several nodes, some of which are gone, hang, or lie.</summary>
public sealed class SpreadTests : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("vault-spread-").FullName;
    private readonly BufferBudget _budget = new(64 << 20);
    private readonly byte[] _root = RandomNumberGenerator.GetBytes(32);
    private readonly List<ShardHost> _hosts = [];
    private ShardClient _client = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData(3, 1, 2)]
    [InlineData(6, 4, 2)]
    public async Task Any_k_hosts_bring_a_body_back(int hosts, int k, int m)
    {
        await StartAsync(hosts);
        foreach (var size in new[] { 1, 4097, 262_145, 3_000_000 })
        {
            var (body, manifest, cipher) = await StoreAsync(size);
            using (cipher)
            {
                Assert.Equal((k, m, 0), (manifest.DataShards, manifest.ParityShards, manifest.AbsentShards));
                for (var chunk = 0; chunk < manifest.ChunkCount; chunk++)
                {
                    Assert.Equal(
                        k + m, manifest.ShardsOf(chunk).ToArray().Select(static s => s.Volume).Distinct().Count());
                }

                Assert.True(BodyManifest.TryDecode(manifest.Encode(), out _));
                Assert.Equal(body, await ReadAsync(manifest, cipher, 0, size));
                Assert.Equal(body[(size / 2)..], await ReadAsync(manifest, cipher, size / 2, size - size / 2));
                foreach (var away in Subsets(hosts, m))
                {
                    Publish(down: away);
                    Assert.Equal(body, await ReadAsync(manifest, cipher, 0, size));
                }

                Publish();
            }
        }

        var (last, where, key) = await StoreAsync(700_000);
        using (key)
        {
            for (var i = 0; i < m; i++) await _hosts[i].DisposeAsync(); // without the map knowing
            Assert.Equal(last, await ReadAsync(where, key, 0, last.Length));
            await _hosts[m].DisposeAsync();
            if (k > 1)
                await Assert.ThrowsAsync<ShardUnavailableException>(() => ReadAsync(where, key, 0, last.Length));
        }

        Assert.Equal((0, 0), (_budget.UsedBytes, _client.Network!.NodeBuffers.UsedBytes));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(6)]
    public async Task A_write_goes_on_without_one_host_and_is_refused_without_two(int hosts)
    {
        await StartAsync(hosts);
        await _hosts[1].DisposeAsync(); // killed: nobody has told the map
        var (body, manifest, cipher) = await StoreAsync(2_500_000);
        using (cipher)
        {
            Assert.Equal(manifest.ChunkCount, manifest.AbsentShards);
            Assert.Equal(body, await ReadAsync(manifest, cipher, 0, body.Length));
            Assert.True(BodyManifest.TryDecode(manifest.Encode(), out var again));
            Assert.Equal(manifest.AbsentShards, again.AbsentShards);
        }

        await _hosts[2].DisposeAsync();
        var before = Live(1, 2);
        await Assert.ThrowsAsync<ShardUnavailableException>(() => StoreAsync(2_500_000));
        Assert.Equal(before, Live(1, 2));
        Assert.Equal(0, _budget.UsedBytes);
    }

    [Fact]
    public async Task A_host_beyond_the_six_takes_the_place_of_one_that_is_gone()
    {
        await StartAsync(7);
        await _hosts[3].DisposeAsync();
        var (_, manifest, cipher) = await StoreAsync(3_000_000);
        cipher.Dispose();
        Assert.Equal(0, manifest.AbsentShards);
        Assert.DoesNotContain(_hosts[3].Volume.Number, manifest.Shards.ToArray().Select(static s => s.Volume));
    }

    [Fact]
    public async Task Nothing_is_stored_on_one_host_only_while_the_cluster_forms()
    {
        await StartAsync(2);
        Assert.True(_client.Network!.IsForming);
        await Assert.ThrowsAsync<ShardUnavailableException>(() => StoreAsync(100));
        _hosts.Add(await ShardHost.StartAsync(_directory, 3));
        Publish();
        Assert.False(_client.Network.IsForming);
        var (_, manifest, cipher) = await StoreAsync(100);
        cipher.Dispose();
        Assert.Equal(3, manifest.ShardsPerChunk);
        using var more = ShardHost.Client(_hosts, options: new() { LeastHosts = 4 }).Network!;
        Assert.True(more.IsForming);
        using var losing = ShardHost.Client(_hosts, options: new() { LeastHosts = 3 }).Network!;
        var lost = _hosts[0].Node with { Up = false, Volumes = [new() { Number = 1, Writable = false, Lost = true }] };
        losing.Publish(new NodeMap(5, [lost, _hosts[1].Node, _hosts[2].Node]));
        Assert.Equal((false, StorageProfile.Trio), (losing.IsForming, new ShardClient([], losing).Profile));
        using var settled = ShardHost.Client(
            _hosts.Take(2), options: new() { SettleTime = TimeSpan.FromTicks(1) }).Network!;
        Assert.False(settled.IsForming);
    }

    [Fact]
    public async Task A_host_that_hangs_holds_a_write_up_only_a_little()
    {
        await StartAsync(3, new() { StragglerTime = TimeSpan.FromMilliseconds(200) });
        using var hole = BlackHole.Open();
        Publish(instead: (1, hole.Endpoint));
        var began = TimeProvider.System.GetTimestamp();
        var (body, manifest, cipher) = await StoreAsync(100_000);
        using (cipher)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(4));
            Assert.Equal(1, manifest.AbsentShards);
            began = TimeProvider.System.GetTimestamp();
            (_, manifest, var next) = await StoreAsync(100_000); // it is suspect now, and not even tried
            next.Dispose();
            Assert.Equal(1, manifest.AbsentShards);
            Assert.Equal(body.Length, manifest.TotalBytes);
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(6)]
    public async Task A_read_does_not_wait_for_a_host_that_hangs(int hosts)
    {
        await StartAsync(hosts, new() { ReadTimeout = TimeSpan.FromSeconds(60) });
        var (body, manifest, cipher) = await StoreAsync(200_000);
        using (cipher)
        {
            using var hole = BlackHole.Open();
            var first = _hosts.FindIndex(h => h.Volume.Number == manifest.ShardsOf(0)[0].Volume);
            Publish(instead: (first, hole.Endpoint));
            var began = TimeProvider.System.GetTimestamp();
            Assert.Equal(body, await ReadAsync(manifest, cipher, 0, body.Length));
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(20));
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(6)]
    public async Task Hosts_that_lie_are_gone_around_and_reported(int hosts)
    {
        await StartAsync(hosts);
        var (body, manifest, cipher) = await StoreAsync(900_000);
        using (cipher)
        {
            // One answers with other bytes of the right length, one with fewer.
            await LieAsync(manifest.ShardsOf(0)[0], manifest.ShardBytes(0));
            await LieAsync(manifest.ShardsOf(0)[1], manifest.ShardBytes(0) - 1);
            Assert.Equal(body, await ReadAsync(manifest, cipher, 0, body.Length));
            Assert.True(_client.Network!.Reports.Reader.TryRead(out var reported));
            Assert.Equal(manifest.Attempt.ObjectId, reported);
            var lied = manifest.ShardsOf(0)[0];
            var told = _hosts.Find(h => h.Volume.Number == lied.Volume)!;
            Assert.Equal(ShardState.Quarantined, told.Volume.Find(lied.Cid)!.Value.State);
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(6)]
    public async Task What_hosts_that_are_away_may_have_is_not_called_missing(int hosts)
    {
        await StartAsync(hosts);
        var (body, manifest, cipher) = await StoreAsync(100_000);
        using (cipher)
        {
            var gone = manifest.ShardsOf(0)[0];
            await _hosts.Find(h => h.Volume.Number == gone.Volume)!.Volume.DeleteAsync(gone.Cid, gone.Sequence);
            foreach (var host in _hosts.Where(h => h.Volume.Number != gone.Volume).ToList()) await host.DisposeAsync();
            await Assert.ThrowsAsync<ShardUnavailableException>(() => ReadAsync(manifest, cipher, 0, body.Length));
        }
    }

    [Fact]
    public async Task Shards_that_moved_are_found_by_reading_the_manifest_again()
    {
        await StartAsync(3);
        var (body, manifest, cipher) = await StoreAsync(100_000);
        using (cipher)
        {
            var moved = new BodyManifest(
                manifest.Attempt, 1, 2, manifest.ChunkBytes, manifest.TotalBytes,
                [.. manifest.Shards.ToArray().Select(s => s with { Volume = 99 })]);
            await Assert.ThrowsAsync<ShardUnavailableException>(() => ReadAsync(moved, cipher, 0, body.Length));
            using var memory = new MemoryStream();
            var writer = PipeWriter.Create(memory);
            await new ChunkReader(_budget, _client).CopyToAsync(
                moved, cipher, 0, body.Length, writer, Token, () => Task.FromResult(manifest));
            await writer.CompleteAsync();
            Assert.Equal(body, memory.ToArray());
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(6)]
    public async Task A_disk_of_its_own_that_cannot_be_read_is_gone_around(int hosts)
    {
        await StartAsync(hosts - 1);
        var files = new FaultyFiles();
        var own = await ShardHost.StartAsync(_directory, (uint)hosts, files: files);
        _hosts.Add(own);
        _client.Network!.Dispose();
        _client = ShardHost.Client(_hosts, own: own.Volume);
        var (body, manifest, cipher) = await StoreAsync(2_000_000);
        using (cipher)
        {
            await VolumeFixture.SealAsync(own.Volume);
            files.OnRead = static _ => throw new IOException("EIO");
            Assert.Equal(body, await ReadAsync(manifest, cipher, 0, body.Length));
            var (_, unsure) = await new ChunkRepair(_client).FindGoneAsync(manifest, Token);
            Assert.True(unsure);
            files.OnRead = null;
        }

        Assert.Equal(0, _budget.UsedBytes);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(6)]
    public async Task Nothing_is_in_flight_any_more_when_a_read_or_a_write_fails(int hosts)
    {
        await StartAsync(hosts);
        _client.Network!.Dispose();
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        var time = new BrokenTimers();
        _client = ShardHost.Client(
            _hosts, options: new() { ReadTimeout = TimeSpan.FromMinutes(1), StoreTimeout = TimeSpan.FromMinutes(1) },
            time: time, meters: meters);
        var ended = new ConcurrentBag<string>();
        using var listener = Calls(meters, ended);
        var (body, manifest, cipher) = await StoreAsync(200_000);
        using (cipher)
        {
            using var hole = BlackHole.Open();
            var first = _hosts.FindIndex(h => h.Volume.Number == manifest.ShardsOf(0)[0].Volume);
            Publish(instead: (first, hole.Endpoint));
            time.Broken = true;
            await Assert.ThrowsAsync<InvalidTimeZoneException>(() => ReadAsync(manifest, cipher, 0, body.Length));
            Assert.Contains("read cancelled", ended);
            await Assert.ThrowsAsync<InvalidTimeZoneException>(() => StoreAsync(200_000));
            Assert.Contains("store cancelled", ended);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts) await host.DisposeAsync();
        _client.Network!.Dispose();
        _budget.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private async Task StartAsync(int hosts, ShardNetworkOptions? options = null)
    {
        for (uint i = 1; i <= hosts; i++) _hosts.Add(await ShardHost.StartAsync(_directory, i));
        _client = ShardHost.Client(_hosts, options: options);
    }

    private void Publish(int[]? down = null, (int Index, string Endpoint)? instead = null) =>
        _client.Network!.Publish(new NodeMap(2,
        [
            .. _hosts.Select((host, i) => host.Node with
            {
                Up = down?.Contains(i) != true,
                Endpoint = instead is { } other && other.Index == i ? other.Endpoint
                    : down?.Contains(i) == true ? "127.0.0.1:1" : host.Endpoint,
            }),
        ]));

    private async Task LieAsync(ShardLocation shard, int bytes)
    {
        var volume = _hosts.Find(h => h.Volume.Number == shard.Volume)!.Volume;
        await volume.DeleteAsync(shard.Cid, shard.Sequence, Token);
        await volume.AppendAsync(new ShardHeader(shard.Cid, default, 0, 0), new byte[bytes], Token);
    }

    private async Task<(byte[] Body, BodyManifest Manifest, ChunkCipher Cipher)> StoreAsync(int size)
    {
        var body = RandomNumberGenerator.GetBytes(size);
        var attempt = BodyAttempt.New(TimeProvider.System.GetUtcNow());
        var cipher = new ChunkCipher(_root, attempt);
        return (body, await new ChunkWriter(_budget, _client).WriteAsync(
            new MemoryStream(body), cipher, attempt, size, null, Token), cipher);
    }

    private async Task<byte[]> ReadAsync(BodyManifest manifest, ChunkCipher cipher, long offset, long count)
    {
        using var memory = new MemoryStream();
        var writer = PipeWriter.Create(memory);
        await new ChunkReader(_budget, _client).CopyToAsync(manifest, cipher, offset, count, writer, Token);
        await writer.CompleteAsync();
        return memory.ToArray();
    }

    private int[] Live(params int[] gone) =>
    [
        .. _hosts.Where((_, i) => !gone.Contains(i)).Select(static h => h.Volume.List(0, new ShardRecord[1000])),
    ];

    private static IEnumerable<int[]> Subsets(int of, int size) =>
        from bits in Enumerable.Range(0, 1 << of)
        where System.Numerics.BitOperations.PopCount((uint)bits) == size
        select Enumerable.Range(0, of).Where(i => (bits >> i & 1) != 0).ToArray();

    /// <summary>Notes every call to a node that has ended, and how.</summary>
    private static MeterListener Calls(IMeterFactory meters, ConcurrentBag<string> ended)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Scope == meters && instrument.Name == "vault.shards.call.duration")
                    self.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<double>((_, _, tags, _) => ended.Add($"{tags[0].Value} {tags[1].Value}"));
        listener.Start();
        return listener;
    }

    /// <summary>Cannot wait for a short time any more, once broken: fails in the midst of a read or a write.</summary>
    private sealed class BrokenTimers : TimeProvider
    {
        public bool Broken { get; set; }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            Broken && dueTime > TimeSpan.Zero && dueTime < TimeSpan.FromSeconds(10)
                ? throw new InvalidTimeZoneException()
                : base.CreateTimer(callback, state, dueTime, period);
    }

    /// <summary>Takes connections and never answers.</summary>
    private sealed class BlackHole : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public string Endpoint => _listener.LocalEndpoint.ToString()!;

        public static BlackHole Open()
        {
            var hole = new BlackHole();
            hole._listener.Start();
            return hole;
        }

        public void Dispose() => _listener.Dispose();
    }
}
