using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
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

    /// <summary>What it does not answer.</summary>
    public required Silence Silence { get; init; }

    /// <summary>Its place in a map; the volume's identity serves as the node's.</summary>
    public ShardNode Node => new()
    {
        Id = Volume.Id, Host = Host, Endpoint = Endpoint, Up = true,
        Volumes = [new ShardVolume { Number = Volume.Number, Writable = true }],
    };

    public static byte[] Secret { get; } = [.. Enumerable.Range(0, 32).Select(static i => (byte)i)];

    public static async Task<ShardHost> StartAsync(
        string directory, uint number, string? host = null, int port = 0, long capacityBytes = 0,
        IFileLayer? files = null)
    {
        var volume = await Volume.OpenAsync(
            new VolumeOptions
            {
                Path = Path.Combine(directory, $"volume{number}"), Number = number, LogBytes = 8 << 20,
                DatabaseReserveBytes = 0, CapacityBytes = capacityBytes,
            },
            files, TimeProvider.System, NullLoggerFactory.Instance);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(
            kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, port));
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddShardNetwork(Secret);
        builder.Services.AddSingleton(
            services => new ShardClient([volume], services.GetRequiredService<ShardNetwork>()));
        var silence = new Silence();
        var app = builder.Build();
        app.Use((context, next) =>
        {
            if (!silence.Covers(context.Request)) return next(context);
            context.Abort();
            return Task.CompletedTask;
        });
        app.UseRouting();
        app.MapShardEndpoints();
        await app.StartAsync();
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        return new ShardHost(app, volume, host ?? $"host{number}")
        {
            Endpoint = new Uri(address.First()).Authority, Silence = silence,
        };
    }

    /// <summary>A client of these nodes; without a volume of its own, unless it is given one.</summary>
    public static ShardClient Client(
        IEnumerable<ShardHost> hosts, byte[]? secret = null, ShardNetworkOptions? options = null,
        TimeProvider? time = null, IMeterFactory? meters = null, Volume? own = null)
    {
        meters ??= new ServiceCollection().AddMetrics().BuildServiceProvider()
            .GetRequiredService<IMeterFactory>();
        var network = new ShardNetwork(
            options ?? new ShardNetworkOptions(), secret ?? Secret, time ?? TimeProvider.System, meters);
        network.Publish(new NodeMap(1, [.. hosts.Select(static h => h.Node)]));
        return new ShardClient(own is null ? [] : [own], network);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        await Volume.DisposeAsync();
    }
}

/// <summary>Requests whose connections a node ends without an answer.</summary>
internal sealed class Silence
{
    /// <summary>Whether it is the case for reads of shards.</summary>
    public bool OnReads { get; set; }

    public bool Covers(HttpRequest request) => OnReads && request.Method == HttpMethods.Get
        && !request.Path.Value!.EndsWith("/ping", StringComparison.Ordinal)
        && !request.Path.Value!.Contains("/records/", StringComparison.Ordinal);
}
