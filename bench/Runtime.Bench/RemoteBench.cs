using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Vault.Runtime.Activation;
using Vault.Runtime.Hosting;
using Vault.Runtime.Ownership;

namespace Vault.Runtime.Bench;

/// <summary>
/// Answers: how fast are calls from one process to grains of another, from a silo and from a client, beside what a TCP
/// connection with frames does on the same cores at the same time?
/// </summary>
internal static class RemoteBench
{
    private const int Callers = 64;

    public static async Task RunAsync(double seconds)
    {
        Figure oneEcho, manyEchoes;
        using (var echo = new ChildProcess("echo"))
        {
            var port = int.Parse(echo.Greeting, CultureInfo.InvariantCulture);
            oneEcho = await EchoProcess.MeasureAsync(port, 1, seconds);
            manyEchoes = await EchoProcess.MeasureAsync(port, Callers, seconds);
        }

        var measure = new Measure(seconds);
        using (var silo = new ChildProcess("silo"))
        {
            await FromClientAsync(measure, silo, oneEcho, manyEchoes);
        }

        using (var silo = new ChildProcess("silo"))
        {
            await FromSiloAsync(measure, silo, oneEcho, manyEchoes);
        }
    }

    private static async Task FromClientAsync(Measure measure, ChildProcess silo, Figure one, Figure many)
    {
        var seed = silo.Greeting[..silo.Greeting.IndexOf('@', StringComparison.Ordinal)];
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.UseOrleansClient(client =>
            client.UseTcpTransport([seed], o => o.ClusterSecret = SiloProcess.Secret));
        using var host = builder.Build();
        await host.StartAsync();
        var grains = host.Services.GetRequiredService<IGrainFactory>();
        await CallAsync(measure, "client", i => grains.GetGrain<IBenchGrain>(i), silo, one, many);
        await host.StopAsync();
    }

    private static async Task FromSiloAsync(Measure measure, ChildProcess silo, Figure one, Figure many)
    {
        var other = SiloAddress.FromParsableString(silo.Greeting);
        var membership = new InMemoryMembership();
        using var host = SiloProcess.Build(membership);
        var adverts = host.Services.GetRequiredService<GrainCatalog>().Adverts();
        await membership.JoinAsync(SiloProcess.MemberAt(other, adverts), CancellationToken.None);
        await host.StartAsync();
        silo.Tell(SiloProcess.AddressOf(host).ToParsableString());

        var grains = host.Services.GetRequiredService<IGrainFactory>();
        var view = host.Services.GetRequiredService<ViewHolder>().Current;
        var there = Enumerable.Range(0, 10_000).Select(i => grains.GetGrain<IBenchGrain>(i))
            .Where(g => other.Equals(view.OwnerOf(((GrainReference)g).GrainId))).Take(Callers).ToList();
        await CallAsync(measure, "silo", i => there[i], silo, one, many);
        await host.StopAsync();
    }

    private static async Task CallAsync(
        Measure measure, string from, Func<int, IBenchGrain> grain, ChildProcess silo, Figure one, Figure many)
    {
        var first = grain(0);
        await measure.OneAsync($"another process, from a {from}, one caller", () => first.AddAsync(1), one);
        var (here, there) = (Environment.CpuUsage.TotalTime, silo.Cpu);
        var figure = await measure.ManyAsync(
            $"another process, from a {from}, {Callers} callers", Callers, grain, g => g.AddAsync(1), many);
        (here, there) = (Environment.CpuUsage.TotalTime - here, silo.Cpu - there);
        var calls = figure.Rate * (measure.Seconds + 1);
        Console.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"CPU per call, µs: {here.TotalMicroseconds / calls:f2} here, {there.TotalMicroseconds / calls:f2} there"));
    }
}
