using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Vault.Runtime.Messaging.Tcp;
using Vault.Runtime.Tests.Grains;
using Vault.Runtime.Tests.Support;

namespace Vault.Runtime.Tests.Messaging;

public sealed class TcpFaultTests
{
    [Fact]
    public async Task Without_the_secret_a_client_does_not_start_and_says_whom_it_tried()
    {
        await using var cluster = await TcpCluster.StartAsync(1);

        var thrown = await Assert.ThrowsAsync<OrleansException>(() => cluster.StartClientAsync(configure: o =>
        {
            o.ClusterSecret = "another secret of many bytes";
            o.StartTimeout = TimeSpan.FromSeconds(1);
        }));

        Assert.Contains(cluster.Seeds[0], thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_starts_first_waits_for_a_silo()
    {
        await using var cluster = new TcpCluster();
        int port;
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            port = ((IPEndPoint)free.LocalEndpoint).Port;
        }

        var starting = cluster.StartClientAsync([$"localhost:{port}"]);
        await cluster.StartSiloAsync(port: port);

        Assert.NotNull(await Place(await starting, 0).WhereAsync());
    }

    [Fact]
    public async Task A_peer_that_falls_silent_is_given_up_and_what_was_under_way_is_unknown()
    {
        await using var cluster = new TcpCluster();
        using var relay = new Relay();
        var client = await StartBehindAsync(cluster, relay, o =>
        {
            o.HeartbeatInterval = TimeSpan.FromMilliseconds(50);
            o.PeerTimeout = TimeSpan.FromMilliseconds(400);
        });
        var under = Place(client, 0).WaitAsync(CancellationToken.None);
        await Place(client, 1).WhereAsync();

        relay.Hold();

        var thrown = await Assert.ThrowsAsync<SiloUnavailableException>(() => under).WaitAsync(s_limit);
        Assert.Contains("unknown", thrown.Message, StringComparison.Ordinal);
        relay.Release();
        relay.Cut();
        Assert.NotNull(await Place(client, 1).WhereAsync().WaitAsync(s_limit));
    }

    [Fact]
    public async Task Calls_wait_when_a_silo_takes_nothing_and_memory_stays_bounded()
    {
        const int bound = 256 << 10;
        await using var cluster = new TcpCluster();
        using var relay = new Relay();
        var client = await StartBehindAsync(cluster, relay, o => o.SendQueueBytes = bound);
        var text = new string('x', 64 << 10);
        var transport = client.Services.GetRequiredService<TcpTransport>();
        var silo = TcpCluster.AddressOf(cluster.Silos[0]);

        relay.Hold();
        var calls = Enumerable.Range(0, 500)
            .Select(i => Place(client, i % 8).EchoAsync(new Note { Text = text, Number = i })).ToList();
        var link = (TcpLink)transport.Find(silo)!;

        // Of 32 MiB, of which the sockets on the way take some; a few threads may each have seen the last room.
        Assert.InRange(link.QueuedBytes, 0, bound + (8 * text.Length));
        relay.Release();
        var echoes = await Task.WhenAll(calls).WaitAsync(s_limit);
        Assert.Equal(Enumerable.Range(1, 500).Select(i => (long)i), echoes.Select(e => e.Number));
    }

    [Fact]
    public async Task A_call_that_had_not_left_when_the_connection_broke_is_made_again()
    {
        await using var cluster = new TcpCluster();
        using var relay = new Relay();
        var client = await StartBehindAsync(cluster, relay, o => o.SendQueueBytes = 64 << 20);
        var text = new string('x', 1 << 20);

        // more than the sockets on the way take, so that the last of them have not left
        relay.Hold();
        var calls = Enumerable.Range(0, 40)
            .Select(i => Place(client, i % 8).EchoAsync(new Note { Text = text, Number = i })).ToList();
        relay.Cut();
        relay.Release();

        var ended = await Task.WhenAll(calls.Select(async call =>
        {
            try
            {
                return (await call).Number > 0;
            }
            catch (SiloUnavailableException)
            {
                return false;
            }
        })).WaitAsync(s_limit);
        Assert.True(ended[^1]);
        Assert.Contains(false, ended);
    }

    [Fact]
    public async Task Strangers_who_say_nothing_keep_nobody_out_for_long()
    {
        await using var cluster = await TcpCluster.StartAsync(1, o =>
        {
            o.MaxHandshakes = 4;
            o.HandshakeTimeout = TimeSpan.FromMilliseconds(300);
        });
        var endpoint = TcpCluster.AddressOf(cluster.Silos[0]).Endpoint;
        var strangers = Enumerable.Range(0, 20)
            .Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)).ToList();
        strangers.ForEach(s => s.Connect(endpoint));

        var client = await cluster.StartClientAsync();

        Assert.NotNull(await Place(client, 0).WhereAsync());
        foreach (var stranger in strangers)
        {
            Assert.Equal(0, await stranger.ReceiveAsync(new byte[1]));
            stranger.Dispose();
        }
    }

    [Fact]
    public async Task A_stranger_who_has_long_said_nothing_gives_way()
    {
        await using var cluster = await TcpCluster.StartAsync(1, o =>
        {
            o.MaxHandshakes = 4;
            o.HandshakeTimeout = TimeSpan.FromSeconds(20);
        });
        var endpoint = TcpCluster.AddressOf(cluster.Silos[0]).Endpoint;
        var strangers = Enumerable.Range(0, 4)
            .Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)).ToList();
        strangers.ForEach(s => s.Connect(endpoint));

        var client = await cluster.StartClientAsync();

        Assert.NotNull(await Place(client, 0).WhereAsync());
        Assert.Equal(0, await strangers[0].ReceiveAsync(new byte[1]));
        Assert.False(strangers[3].Poll(0, SelectMode.SelectRead)); // not all have run out of time
        strangers.ForEach(static s => s.Dispose());
    }

    [Fact]
    public async Task A_stranger_does_not_hold_up_a_silo_that_stops()
    {
        await using var cluster = await TcpCluster.StartAsync(
            1, services: s => s.AddSingleton<TimeProvider>(new FakeClock()));
        var silo = cluster.Silos[0];
        using var stranger = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        stranger.Connect(TcpCluster.AddressOf(silo).Endpoint);
        var transport = silo.Services.GetRequiredService<TcpTransport>();
        Assert.True(SpinWait.SpinUntil(() => transport.Connections == 1, s_limit));

        await cluster.StopAsync(silo).WaitAsync(s_limit); // on a clock that stands
    }

    [Fact]
    public async Task A_machine_that_answers_nothing_at_all_does_not_hold_a_client_up()
    {
        // a listener whose queue is full: packets to it are dropped, as if a network were cut
        using var deaf = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        deaf.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        deaf.Listen(0);
        var endpoint = (IPEndPoint)deaf.LocalEndPoint!;
        var fillers = new List<Socket>();
        while (true)
        {
            var filler = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            fillers.Add(filler);
            using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
            try
            {
                await filler.ConnectAsync(endpoint, limit.Token);
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }

        await using var cluster = await TcpCluster.StartAsync(1);
        var client = await cluster.StartClientAsync(
            configure: o => o.ConnectTimeout = TimeSpan.FromMilliseconds(300));
        var transport = client.Services.GetRequiredService<TcpTransport>();
        await transport.DialAsync(endpoint).WaitAsync(s_limit);

        Assert.NotNull(await Place(client, 0).WhereAsync());
        fillers.ForEach(static f => f.Dispose());
    }

    [Fact]
    public async Task A_client_that_finds_one_silo_under_several_names_can_still_be_called_by_it()
    {
        await using var cluster = await TcpCluster.StartAsync(1);
        var port = TcpCluster.AddressOf(cluster.Silos[0]).Endpoint.Port;
        var client = await cluster.StartClientAsync(cluster.Seeds);
        var transport = client.Services.GetRequiredService<TcpTransport>();
        var seen = cluster.Silos[0].Services.GetRequiredService<TcpTransport>();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(
            _ => transport.DialAsync(new IPEndPoint(IPAddress.Loopback, port))));
        var grains = client.Services.GetRequiredService<IGrainFactory>();
        var listener = new Doubler();
        var grain = grains.GetGrain<IBasketGrain>("b");
        await grain.SubscribeAsync(grains.CreateObjectReference<IListener>(listener));
        while (seen.Connections > 1)
        {
            await Place(client, 0).WhereAsync(); // until the silo has noticed that the others are gone
        }

        Assert.Equal(42, await grain.AskAsync(21).WaitAsync(s_limit));
        GC.KeepAlive(listener);
    }

    [Fact]
    public async Task Frames_that_can_not_be_read_harm_no_other_call()
    {
        await using var cluster = await TcpCluster.StartAsync(1);
        var client = await cluster.StartClientAsync();
        var link = client.Services.GetRequiredService<TcpTransport>().Find(TcpCluster.AddressOf(cluster.Silos[0]))!;
        var random = new Random(20261123);
        for (var i = 0; i < 2_000; i++)
        {
            var frame = new byte[random.Next(2, 60)];
            random.NextBytes(frame);
            frame[0] = 0x87;
            frame[1] = (byte)random.Next(0, 6);
            link.TrySend(frame);
        }

        Assert.NotNull(await Place(client, 0).WhereAsync());
    }

    [Fact]
    public async Task Silos_call_observers_of_a_client()
    {
        await using var cluster = await TcpCluster.StartAsync(2);
        var client = await cluster.StartClientAsync();
        var grains = client.Services.GetRequiredService<IGrainFactory>();
        var listener = new Doubler();
        var reference = grains.CreateObjectReference<IListener>(listener);

        for (var i = 0; i < 6; i++)
        {
            var grain = grains.GetGrain<IBasketGrain>($"b{i}");
            await grain.SubscribeAsync(reference);
            Assert.Equal(42, await grain.AskAsync(21).WaitAsync(s_limit));
        }

        GC.KeepAlive(listener);
    }

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    private static IPlaceGrain Place(IHost host, int number) =>
        host.Services.GetRequiredService<IGrainFactory>().GetGrain<IPlaceGrain>($"g{number}");

    /// <summary>One silo behind a relay, and a client.</summary>
    private static async Task<IHost> StartBehindAsync(
        TcpCluster cluster, Relay relay, Action<TransportOptions> configure)
    {
        var silo = await cluster.StartSiloAsync(behind: relay.Port);
        relay.Start(silo.Services.GetRequiredService<SiloListener>().LocalPort);
        var client = await cluster.StartClientAsync(configure: configure);
        for (var i = 0; i < 8; i++)
        {
            await Place(client, i).WhereAsync();
        }

        return client;
    }

    private sealed class Doubler : IListener
    {
        public void Heard(string what)
        {
        }

        public Task<int> AskAsync(int number) => Task.FromResult(number * 2);
    }
}
