using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Vault.Runtime.Hosting;
using Vault.Runtime.Versions;

// `silo` is one until its input ends; `client ADDRESS` makes calls and prints what came of each, one line for each.
const string secret = "the secret of two releases";
var builder = Host.CreateEmptyApplicationBuilder(null);
if (args is ["client", var seed])
{
    builder.UseOrleansClient(client => client.UseTcpTransport([seed], o => o.ClusterSecret = secret));
    using var client = builder.Build();
    await client.StartAsync();
    await Calls.MakeAsync(client.Services.GetRequiredService<IGrainFactory>());
    await client.StopAsync();
    return;
}

builder.UseOrleans(silo =>
{
    silo.Configure<EndpointOptions>(o => o.SiloPort = 0);
    silo.UseTcpTransport(o => o.ClusterSecret = secret);
});
using var host = builder.Build();
await host.StartAsync();
Console.WriteLine(host.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress.Endpoint);
await Console.In.ReadToEndAsync();
await host.StopAsync();
