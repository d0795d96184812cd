using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Vault.Storage.Shards;
using Vault.Storage.Volumes;

namespace Vault.Storage.Tests.Shards;

/// <summary>One node: a volume behind the real endpoints on a loopback port.</summary>
internal sealed class ShardHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ShardHost(WebApplication app, Volume volume, string host) => (_app, Volume, Host) = (app, volume, host);

    public Volume Volume { get; }

    public string Host { get; }

    public string Endpoint { get; private set; } = "";

    /// <summary>Its place in a map; the volume's identity serves as the node's.</summary>
    public ShardNode Node => new()
    {
        Id = Volume.Id, Host = Host, Endpoint = Endpoint, Up = true,
        Volumes = [new ShardVolume { Number = Volume.Number, Writable = true }],
    };

    public static byte[] Secret { get; } = [.. Enumerable.Range(0, 32).Select(static i => (byte)i)];

    public static async Task<ShardHost> StartAsync(
        string directory, uint number, string? host = null, int port = 0, long capacityBytes = 0)
    {
        var volume = await Volume.OpenAsync(
            new VolumeOptions
            {
                Path = Path.Combine(directory, $"volume{number}"), Number = number, LogBytes = 8 << 20,
                DatabaseReserveBytes = 0, CapacityBytes = capacityBytes,
            },
            null, TimeProvider.System, NullLoggerFactory.Instance);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(
            kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, port));
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddShardNetwork(Secret);
        builder.Services.AddSingleton(
            services => new ShardClient([volume], services.GetRequiredService<ShardNetwork>()));
        var app = builder.Build();
        app.UseRouting();
        app.MapShardEndpoints();
        await app.StartAsync();
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        return new ShardHost(app, volume, host ?? $"host{number}")
        {
            Endpoint = new Uri(address.First()).Authority,
        };
    }

    /// <summary>A client of these nodes with no volume of its own.</summary>
    public static ShardClient Client(
        IEnumerable<ShardHost> hosts, byte[]? secret = null, ShardNetworkOptions? options = null)
    {
        var meters = new ServiceCollection().AddMetrics().BuildServiceProvider()
            .GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>();
        var network = new ShardNetwork(
            options ?? new ShardNetworkOptions(), secret ?? Secret, TimeProvider.System, meters);
        network.Publish(new NodeMap(1, [.. hosts.Select(static h => h.Node)]));
        return new ShardClient([], network);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        await Volume.DisposeAsync();
    }
}
