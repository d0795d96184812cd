using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Vault.Runtime.Hosting;
using Vault.Runtime.Ownership;

namespace Vault.Runtime.Bench;

/// <summary>A silo that talks over TCP; who else is a member it is told.</summary>
internal static class SiloProcess
{
    public const string Secret = "the secret of a benchmark";

    public static async Task RunAsync()
    {
        var membership = new InMemoryMembership();
        using var host = Build(membership);
        await host.StartAsync();
        Console.WriteLine(AddressOf(host).ToParsableString());
        while (Console.ReadLine() is { } member)
        {
            await membership.JoinAsync(MemberAt(SiloAddress.FromParsableString(member), []), CancellationToken.None);
            Console.WriteLine("ok");
        }

        await host.StopAsync();
    }

    public static IHost Build(InMemoryMembership membership)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.UseOrleans(silo =>
        {
            silo.Configure<EndpointOptions>(o => o.SiloPort = 0);
            silo.UseTcpTransport(o => o.ClusterSecret = Secret);
        });
        builder.Services.RemoveAll<IMembership>();
        builder.Services.AddSingleton<IMembership>(membership);
        return builder.Build();
    }

    public static SiloAddress AddressOf(IHost host) =>
        host.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress;

    public static Member MemberAt(SiloAddress address, IReadOnlyList<Activation.GrainAdvert> adverts) =>
        new(address, "other", weight: 1, adverts);
}
