using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Vault.Runtime.Messaging;
using Vault.Runtime.Ownership;
using Vault.Runtime.Tests.Grains;
using Vault.Runtime.Tests.Support;

namespace Vault.Runtime.Tests.Messaging;

public sealed class TcpTransportTests
{
    [Fact]
    public async Task Calls_references_results_and_failures_cross_silos_over_tcp()
    {
        await using var cluster = await TcpCluster.StartAsync(3);
        var places = new HashSet<string>();
        foreach (var silo in cluster.Silos)
        {
            for (var i = 0; i < 20; i++)
            {
                var echoed = await Place(silo, i).EchoAsync(new Note { Text = "ü", Number = i });
                Assert.Equal(new Note { Text = "ü", Number = i + 1 }, echoed);
                places.Add(await Place(silo, i).CallAsync(Place(silo, i + 1)));
                var thrown = await Assert.ThrowsAsync<KeyNotFoundException>(() => Place(silo, i).FailAsync());
                Assert.Equal("nothing here", thrown.Message);
            }
        }

        Assert.Equal(3, places.Count);
    }

    [Fact]
    public async Task A_client_finds_all_silos_from_one_seed_and_calls_owners()
    {
        await using var cluster = await TcpCluster.StartAsync(3);
        var client = await cluster.StartClientAsync([cluster.Seeds[0]]);

        var places = new HashSet<string>();
        for (var i = 0; i < 30; i++)
        {
            var place = await Place(client, i).WhereAsync();
            places.Add(place);
            Assert.Equal(place, await Place(cluster.Silos[0], i).WhereAsync());
        }

        Assert.Equal(3, places.Count);
    }

    [Fact]
    public async Task A_large_message_and_many_calls_at_once_pass()
    {
        await using var cluster = await TcpCluster.StartAsync(2);
        var client = await cluster.StartClientAsync();
        var text = new string('x', 3_000_000);

        var large = Place(client, 0).EchoAsync(new Note { Text = text, Number = 1 });
        await Task.WhenAll(Enumerable.Range(0, 5000).Select(async i =>
        {
            Assert.Equal(i + 1, (await Place(client, i % 16).EchoAsync(new Note { Text = "a", Number = i })).Number);
        }));

        Assert.Equal(text, (await large).Text);
    }

    [Fact]
    public async Task A_client_goes_on_when_a_silo_dies_when_one_joins_and_when_all_have_been_replaced()
    {
        await using var cluster = await TcpCluster.StartAsync(2);
        var client = await cluster.StartClientAsync();
        await CallAllAsync(client);

        await cluster.KillAsync(cluster.Silos[0]);
        await CallAllAsync(client);
        await cluster.StartSiloAsync();
        await CallAllAsync(client);
        await cluster.StopAsync(cluster.Silos[0]);
        await CallAllAsync(client);

        var port = TcpCluster.AddressOf(cluster.Silos[0]).Endpoint.Port;
        await cluster.KillAsync(cluster.Silos[0]);
        var waiting = CallAllAsync(client);
        await cluster.StartSiloAsync(port: port);
        await waiting;
        Assert.EndsWith(
            $"@{cluster.View.Owners[0].Address.Generation}", await Place(client, 1).WhereAsync(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_left_with_a_silo_that_knows_an_old_view_finds_the_others_where_they_were()
    {
        await using var left = await TcpCluster.StartAsync(2);
        var client = await left.StartClientAsync();
        await CallAllAsync(client);
        var port = TcpCluster.AddressOf(left.Silos[1]).Endpoint.Port;
        await left.LoseAsync(left.Silos[1]);

        await using var others = await TcpCluster.StartAsync(3);
        var again = await others.StartSiloAsync(port: port);

        await client.Services.GetRequiredService<ViewHolder>()
            .WaitAsync(s => s.Current.IsOwner(TcpCluster.AddressOf(again)), CancellationToken.None)
            .WaitAsync(TimeSpan.FromSeconds(30));
        await CallAllAsync(client);
    }

    [Fact]
    public async Task A_call_under_way_on_a_silo_that_dies_ends_as_unknown()
    {
        await using var cluster = await TcpCluster.StartAsync(1);
        var client = await cluster.StartClientAsync();
        var grain = Place(client, 0);
        var under = grain.WaitAsync(CancellationToken.None);
        await Place(client, 1).WhereAsync(); // came after it on the same connection

        await cluster.KillAsync(cluster.Silos[0]);

        var thrown = await Assert.ThrowsAsync<SiloUnavailableException>(() => under);
        Assert.Contains("unknown", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silo_that_stops_in_order_fails_no_call()
    {
        await using var cluster = await TcpCluster.StartAsync(3);
        var client = await cluster.StartClientAsync();
        using var stop = new CancellationTokenSource();
        var calls = Enumerable.Range(0, 8).Select(async n =>
        {
            var made = 0;
            for (var i = n; !stop.IsCancellationRequested; i += 8, made++)
            {
                await Place(client, i % 50).WhereAsync();
            }

            return made;
        }).ToList();

        await cluster.StopAsync(cluster.Silos[2]);
        await cluster.StopAsync(cluster.Silos[1]);
        await cluster.StartSiloAsync();
        await stop.CancelAsync();

        Assert.All(await Task.WhenAll(calls), made => Assert.True(made > 0));
    }

    [Fact]
    public async Task A_silo_that_goes_on_as_a_new_generation_is_reached_under_its_new_address()
    {
        await using var cluster = await TcpCluster.StartAsync(2);
        var client = await cluster.StartClientAsync();
        await CallAllAsync(client);

        await cluster.RejoinAsync(cluster.Silos[0]);

        await CallAllAsync(client);
        await CallAllAsync(cluster.Silos[1]);
        var places = new HashSet<string>();
        for (var i = 0; i < 30; i++)
        {
            places.Add(await Place(client, i).WhereAsync());
        }

        Assert.Equal(cluster.View.Owners.Select(m => m.Address.ToParsableString()).Order(), places.Order());
    }

    [Fact]
    public async Task A_call_to_a_silo_whose_lease_has_ended_is_not_started_there_and_goes_where_the_next_view_says()
    {
        await using var cluster = await TcpCluster.StartAsync(2);
        var client = await cluster.StartClientAsync();
        var ended = cluster.Silos[0];
        var theirs = await Enumerable.Range(0, 30).ToAsyncEnumerable()
            .FirstAsync(async (i, _) => await Place(client, i).WhereAsync()
                == TcpCluster.AddressOf(ended).ToParsableString());
        TcpCluster.EndLease(ended);

        var call = Place(client, theirs).WhereAsync();
        var redirects = client.Services.GetRequiredService<RemoteInstruments>();
        while (redirects.Redirects == 0)
        {
            await Task.Yield();
        }

        Assert.False(call.IsCompleted);
        await cluster.RemoveAsync(ended);

        Assert.Equal(TcpCluster.AddressOf(cluster.Silos[1]).ToParsableString(), await call);
    }

    private static IPlaceGrain Place(IHost host, int number) =>
        host.Services.GetRequiredService<IGrainFactory>().GetGrain<IPlaceGrain>($"g{number}");

    /// <summary>A call that reaches for a silo as it dies ends as unknown; the next one succeeds.</summary>
    private static async Task CallAllAsync(IHost host)
    {
        for (var i = 0; i < 30; i++)
        {
            try
            {
                await Place(host, i).WhereAsync();
            }
            catch (SiloUnavailableException)
            {
                await Place(host, i).WhereAsync();
            }
        }
    }
}
