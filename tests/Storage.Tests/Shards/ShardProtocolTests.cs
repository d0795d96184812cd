using System.Diagnostics.Metrics;
using System.Net;
using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Vault.Protocol.Ids;
using Vault.Protocol.Manifests;
using Vault.Storage.Shards;
using Vault.Storage.Tests.Volumes;
using Vault.Storage.Volumes;

namespace Vault.Storage.Tests.Shards;

/// <summary>A client and a node over loopback, and whoever stands between them.</summary>
public sealed class ShardProtocolTests : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("vault-shards-").FullName;
    private readonly Meddler _meddler = new();
    private ShardHost _host = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _host = await ShardHost.StartAsync(_directory, 7);

    [Fact]
    public async Task A_shard_is_stored_found_listed_read_and_deleted()
    {
        var client = ShardHost.Client([_host]);
        var body = RandomNumberGenerator.GetBytes(300_000);
        var header = Header(body);
        var receipt = await client.StoreAsync(7, header, body, Token);
        Assert.Equal(7u, receipt.VolumeNumber);
        var location = new ShardLocation(header.Cid, 7, receipt.Sequence);
        var read = new byte[body.Length];
        await client.ReadAsync(location, read, Token);
        Assert.Equal(body, read);
        var records = new ShardRecord[600];
        Assert.Equal(1, await client.ListAsync(7, 0, records, Token));
        Assert.Equal((header.ObjectId, header.Cid), (records[0].ObjectId, records[0].Cid));
        Assert.Equal(
            [ShardPresence.Present, ShardPresence.Missing],
            await client.StatAsync(7, [(header.Cid, receipt.Sequence), (default, 1)], Token));
        await client.ReportDamagedAsync(location, Token); // it is whole: nothing happens
        await client.DeleteAsync(header.Cid, 7, receipt.Sequence, Token);
        await Assert.ThrowsAsync<ShardMissingException>(() => client.ReadAsync(location, read, Token).AsTask());
        await client.DeleteAsync(header.Cid, 7, receipt.Sequence, Token);
    }

    [Fact]
    public async Task A_connection_that_breaks_when_nobody_wants_its_answer_any_more_says_nothing_about_the_node()
    {
        using var remote = Remote();
        var header = Header(new byte[5000]);
        var receipt = await remote.StoreAsync(7, header, new byte[5000], Token);
        using var gone = new CancellationTokenSource();
        _meddler.ChangeAnswer = async (_, _) =>
        {
            await gone.CancelAsync();
            throw new HttpRequestException("reset");
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => remote.ReadAsync(7, header.Cid, receipt.Sequence, new byte[5000], gone.Token));
        Assert.False(remote.Suspect);
    }

    [Fact]
    public async Task A_request_sent_twice_is_taken_once()
    {
        using var remote = Remote();
        var body = RandomNumberGenerator.GetBytes(5000);
        var header = Header(body);
        var receipt = await remote.StoreAsync(7, header, body, Token);
        await remote.DeleteAsync(7, header.Cid, receipt.Sequence, Token);
        for (var i = 1; i < _meddler.Sent.Count; i++) // the first is the handshake
            Assert.Equal(HttpStatusCode.Unauthorized, (await _meddler.AgainAsync(i)).StatusCode);
        Assert.Null(_host.Volume.Find(header.Cid));
    }

    [Fact]
    public async Task A_repeated_handshake_gives_no_use_of_its_session()
    {
        using var remote = Remote();
        await remote.ListAsync(7, 0, new ShardRecord[1], Token);
        var again = await (await _meddler.AgainAsync(0)).Content.ReadAsByteArrayAsync(Token);
        var (_, _, auth, _) = _meddler.Sent[1];
        _meddler.Sent[1] = _meddler.Sent[1] with { Auth = Convert.ToHexStringLower(again[..16]) + auth![32..] };
        Assert.Equal(HttpStatusCode.Unauthorized, (await _meddler.AgainAsync(1)).StatusCode);
    }

    [Fact]
    public async Task Without_the_secret_neither_end_accepts_the_other()
    {
        var stranger = ShardHost.Client([_host], RandomNumberGenerator.GetBytes(32));
        var body = RandomNumberGenerator.GetBytes(100);
        await Assert.ThrowsAsync<ShardUnavailableException>(
            () => stranger.StoreAsync(7, Header(body), body, Token).AsTask());
        using var plain = new HttpClient();
        foreach (var (method, path) in new[]
        {
            (HttpMethod.Get, "ping"), (HttpMethod.Get, "7/records/0/10"),
            (HttpMethod.Delete, $"7/{Header(body).Cid}/9"),
        })
        {
            using var request = new HttpRequestMessage(method, $"http://{_host.Endpoint}/shard/v1/{path}");
            Assert.Equal(HttpStatusCode.Unauthorized, (await plain.SendAsync(request, Token)).StatusCode);
        }

        // A node that cannot prove itself: the answer of one with another secret.
        _meddler.ChangeAnswer = async (request, answer) =>
        {
            if (!request.RequestUri!.AbsolutePath.EndsWith("session", StringComparison.Ordinal)) return answer;
            var welcome = await answer.Content.ReadAsByteArrayAsync(Token);
            welcome[^1] ^= 1;
            answer.Content = new ByteArrayContent(welcome);
            return answer;
        };
        using var remote = Remote();
        await Assert.ThrowsAsync<ShardUnavailableException>(() => remote.ListAsync(7, 0, new ShardRecord[1], Token));
    }

    [Fact]
    public async Task Bytes_changed_on_their_way_are_not_stored()
    {
        _meddler.ChangeRequest = static (request, body) =>
        {
            if (request.Method == HttpMethod.Put) body[^1] ^= 1;
            return body;
        };
        using var remote = Remote();
        var body = RandomNumberGenerator.GetBytes(70_000);
        await Assert.ThrowsAsync<ShardUnavailableException>(() => remote.StoreAsync(7, Header(body), body, Token));
        Assert.Equal(0, _host.Volume.List(0, new ShardRecord[1]));
    }

    [Theory]
    [InlineData("body")]
    [InlineData("status")]
    [InlineData("length")]
    [InlineData("mac")]
    public async Task An_answer_changed_on_its_way_is_no_answer(string what)
    {
        using var remote = Remote();
        var body = RandomNumberGenerator.GetBytes(1000);
        var receipt = await remote.StoreAsync(7, Header(body), body, Token);
        _meddler.ChangeAnswer = async (_, answer) =>
        {
            var content = await answer.Content.ReadAsByteArrayAsync(Token);
            switch (what)
            {
                case "body": content[5] ^= 1; break;
                case "status": answer.StatusCode = HttpStatusCode.NotFound; break;
                case "length": content = content[..^85]; break;
                default: answer.Headers.Remove("Vault-Shard-Mac"); break;
            }

            answer.Content = new ByteArrayContent(content);
            return answer;
        };
        await Assert.ThrowsAsync<ShardUnavailableException>(() => remote.ListAsync(7, 0, new ShardRecord[9], Token));
        _meddler.ChangeAnswer = null;
        Assert.Equal(1, await remote.ListAsync(7, 0, new ShardRecord[9], Token));
        Assert.Equal(receipt.Sequence, _host.Volume.Find(Header(body).Cid)!.Value.Sequence);
    }

    [Fact]
    public async Task A_body_that_ends_early_is_no_shard_at_either_end()
    {
        using var remote = Remote();
        var body = RandomNumberGenerator.GetBytes(200_000);
        var receipt = await remote.StoreAsync(7, Header(body), body, Token);
        _meddler.ChangeAnswer = static async (_, answer) =>
        {
            var content = await answer.Content.ReadAsByteArrayAsync();
            answer.Content = new StreamContent(new MemoryStream(content, 0, content.Length / 2));
            answer.Content.Headers.ContentLength = content.Length;
            return answer;
        };
        await Assert.ThrowsAsync<ShardUnavailableException>(
            () => remote.ReadAsync(7, Header(body).Cid, receipt.Sequence, new byte[body.Length], Token));
        Assert.True(remote.Suspect);
    }

    [Fact]
    public async Task A_volume_at_its_reserve_answers_507_and_too_large_shards_413()
    {
        await using var small = await ShardHost.StartAsync(_directory, 8, capacityBytes: 24 << 20);
        var client = ShardHost.Client([small]);
        var body = new byte[3 << 20];
        var full = await Assert.ThrowsAsync<VolumeFullException>(async () =>
        {
            for (var i = 0; i < 20; i++)
            {
                RandomNumberGenerator.Fill(body.AsSpan(0, 32));
                await client.StoreAsync(8, Header(body), body, Token);
            }
        });
        Assert.Contains("reserve", full.Message, StringComparison.Ordinal);
        var huge = new byte[small.Volume.MaxBodyBytes + 1];
        await Assert.ThrowsAsync<ShardUnavailableException>(
            () => client.StoreAsync(8, Header(huge), huge, Token).AsTask());
    }

    [Fact]
    public async Task A_node_that_restarted_is_greeted_again()
    {
        var client = ShardHost.Client([_host]);
        await client.ListAsync(7, 0, new ShardRecord[1], Token);
        var port = int.Parse(_host.Endpoint.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture);
        await _host.DisposeAsync();
        await Assert.ThrowsAsync<ShardUnavailableException>(
            () => client.ListAsync(7, 0, new ShardRecord[1], Token).AsTask());
        _host = await ShardHost.StartAsync(_directory, 7, port: port);
        Assert.Equal(0, await client.ListAsync(7, 0, new ShardRecord[1], Token));
    }

    [Fact]
    public async Task A_disk_that_cannot_be_read_is_told_in_a_signed_answer()
    {
        var files = new FaultyFiles();
        await using var host = await ShardHost.StartAsync(_directory, 9, files: files);
        using var remote = Remote(host);
        var body = RandomNumberGenerator.GetBytes(5000);
        var header = Header(body);
        var receipt = await remote.StoreAsync(9, header, body, Token);
        await VolumeFixture.SealAsync(host.Volume);
        files.OnRead = static _ => throw new IOException("EIO");

        var failure = await Assert.ThrowsAsync<ShardUnavailableException>(
            () => remote.ReadAsync(9, header.Cid, receipt.Sequence, new byte[5000], Token));

        Assert.Contains("answered 503 to read", failure.Message, StringComparison.Ordinal);
        Assert.False(remote.Suspect); // the node is there
    }

    [Fact]
    public void Nodes_whose_volumes_are_all_lost_are_not_counted()
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        using var network = ShardHost.Client([_host], meters: meters).Network!;
        var old = _host.Node with
        {
            Id = Guid.NewGuid(), Up = false, Volumes = [new() { Number = 3, Writable = false, Lost = true }],
        };
        var away = _host.Node with { Id = Guid.NewGuid(), Up = false, Volumes = [new() { Number = 4, Writable = true }] };
        var empty = _host.Node with { Id = Guid.NewGuid(), Volumes = [] };
        network.Publish(new NodeMap(2, [_host.Node, old, away, empty]));
        var seen = new Dictionary<string, int>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Scope == meters) self.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => seen[instrument.Name] = value);
        listener.Start();
        listener.RecordObservableInstruments();
        Assert.Equal((2, 1), (seen["vault.shards.nodes"], seen["vault.shards.nodes.up"]));
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _meddler.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private static ShardHeader Header(byte[] body) =>
        new(Cid.Compute(body), new ObjectId(new UInt128(1, (ulong)body.Length)), 3, 1);

    private RemoteNode Remote(ShardHost? host = null)
    {
        var meters = new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>();
        return new RemoteNode(
            (host ?? _host).Endpoint, new HttpMessageInvoker(_meddler, disposeHandler: false), new ShardNetworkOptions(),
            ShardMac.BaseKey(ShardHost.Secret), new ShardInstruments(meters, static () => NodeMap.Empty),
            TimeProvider.System);
    }
}
