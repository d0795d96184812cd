using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Messaging;
using Vault.Versions;

// `silo TABLE` is one until its input ends; `client TABLE` calls until then, and calls the later release's method when
// it reads `cancel`. TABLE is the file that the cluster's members are in.
var table = new TableFile(args[1]);
var builder = Host.CreateEmptyApplicationBuilder(null);
if (args[0] == "client")
{
    builder.UseOrleansClient(client =>
    {
        client.Services.AddSingleton<IGatewayListProvider>(table);
        client.Services.Configure<ClusterOptions>(NameCluster);
        client.Services.Configure<GatewayOptions>(o => o.GatewayListRefreshPeriod = TimeSpan.FromSeconds(1));
        client.Services.Configure<ClientMessagingOptions>(o => o.ResponseTimeout = TimeSpan.FromSeconds(5));
    });
    using var client = builder.Build();
    await client.StartAsync();
    await CallAsync(client.Services.GetRequiredService<IGrainFactory>());
    await client.StopAsync();
    Load.Say("end");
    return;
}

builder.UseOrleans(silo =>
{
    silo.Services.AddSingleton<IMembershipTable>(table);
    silo.Services.Configure<ClusterOptions>(NameCluster);
    silo.Services.Configure<EndpointOptions>(o =>
        (o.AdvertisedIPAddress, o.SiloPort, o.GatewayPort) = (IPAddress.Loopback, FreePort(), FreePort()));
    silo.Services.Configure<SiloMessagingOptions>(o =>
        o.ClientGatewayShutdownNotificationTimeout = TimeSpan.FromSeconds(1));
    silo.Services.Configure<ClusterMembershipOptions>(o => o.TableRefreshTimeout = TimeSpan.FromSeconds(1));
});
using var host = builder.Build();
await host.StartAsync();
Load.Say("ready");
await Console.In.ReadToEndAsync();
await host.StopAsync();
Load.Say("end");

static void NameCluster(ClusterOptions options) => (options.ClusterId, options.ServiceId) = ("versions", "versions");

static int FreePort()
{
    using var listener = new TcpListener(IPAddress.Loopback, 0);
    listener.Start();
    return ((IPEndPoint)listener.LocalEndpoint).Port;
}

static async Task CallAsync(IGrainFactory grains)
{
    using var end = new CancellationTokenSource();
    var load = new Load(grains).RunAsync(end.Token);
    while (await Console.In.ReadLineAsync() is { } line)
    {
#if NEW_RELEASE
        try
        {
            Load.Say($"{line}: {await grains.GetGrain<IOrderGrain>(line).CancelAsync("late", CancellationToken.None)}");
        }
        catch (Exception e)
        {
            Load.Say($"{line}: refused, {e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")}");
        }
#else
        Load.Say($"{line}: not known");
#endif
    }

    await end.CancelAsync();
    await load;
}
