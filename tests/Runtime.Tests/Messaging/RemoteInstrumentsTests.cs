using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Vault.Runtime.Tests.Grains;
using Vault.Runtime.Tests.Support;

namespace Vault.Runtime.Tests.Messaging;

public sealed class RemoteInstrumentsTests
{
    [Fact]
    public async Task Calls_connections_bytes_and_refusals_are_counted()
    {
        await using var cluster = await TcpCluster.StartAsync(1);
        var client = await cluster.StartClientAsync();
        var grain = client.Services.GetRequiredService<IGrainFactory>().GetGrain<IPlaceGrain>("g");
        await grain.EchoAsync(new Note { Text = new string('x', 10_000), Number = 1 });
        await Assert.ThrowsAsync<KeyNotFoundException>(grain.FailAsync);
        using var cancel = new CancellationTokenSource();
        var waiting = grain.WaitAsync(cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await Assert.ThrowsAsync<OrleansException>(() => cluster.StartClientAsync(configure: o =>
        {
            o.ClusterSecret = "another secret of many bytes";
            o.StartTimeout = TimeSpan.FromSeconds(1);
        }));

        var counts = Read(client.Services);
        Assert.Equal(1, counts["vault.runtime.remote.calls outcome=ok"]);
        Assert.Equal(1, counts["vault.runtime.remote.calls outcome=error"]);
        Assert.Equal(1, counts["vault.runtime.remote.calls outcome=cancelled"]);
        Assert.Equal(1, counts["vault.runtime.connections direction=out peer=silo"]);
        Assert.InRange(counts["vault.runtime.transport.bytes direction=sent"], 10_000, 12_000);
        Assert.InRange(counts["vault.runtime.transport.bytes direction=received"], 10_000, 20_000);
        var silo = Read(cluster.Silos[0].Services);
        Assert.Equal(1, silo["vault.runtime.connections direction=in peer=client"]);
        Assert.True(silo["vault.runtime.connections.refused reason=secret"] > 0);
    }

    private static Dictionary<string, long> Read(IServiceProvider services)
    {
        var meter = services.GetRequiredService<IMeterFactory>().Create("Vault.Runtime");
        var counts = new Dictionary<string, long>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (ReferenceEquals(instrument.Meter, meter))
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            var name = instrument.Name;
            foreach (var tag in tags)
            {
                name += $" {tag.Key}={tag.Value}";
            }

            counts[name] = value;
        });
        listener.Start();
        listener.RecordObservableInstruments();
        return counts;
    }
}
