using System.Diagnostics;
using Vault.Testing;

namespace Vault.Cluster.Tests.Roles;

/// <summary>A database that is put back to an earlier state beneath running silos (decisions §2.4).</summary>
[Collection(nameof(WholeMachine))]
public sealed class OldDatabaseTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 600_000)]
    public async Task Silos_end_when_their_database_goes_back_and_say_why()
    {
        await using var cluster = await ClusterFixture.StartAsync(new ClusterShape { Silos = 2, Gateways = 1 }, Token);
        var data = await DirectoryOfAsync(cluster["postgres"]);
        await cluster.KillAsync("postgres", ct: Token);
        using (var copy = Process.Start("cp", ["-a", data, data + "-older"]))
        {
            await copy.WaitForExitAsync(Token);
            Assert.Equal(0, copy.ExitCode);
        }

        // A silo that leaves and joins takes the membership some versions on.
        await cluster.StartAsync("postgres", Token);
        foreach (var silo in cluster.Silos) await Metrics.UntilAsync(() => cluster.IsReadyAsync(silo.Name, Token), Token);
        await cluster.StopAsync("silo-2", Token);
        await cluster.StartAsync("silo-2", Token);

        await cluster.KillAsync("postgres", ct: Token);
        Directory.Move(data, data + "-newer");
        Directory.Move(data + "-older", data);
        await cluster.StartAsync("postgres", Token);
        foreach (var silo in cluster.Silos)
        {
            await cluster.EndedAsync(silo.Name, Token);
            Assert.Contains("The database went back", cluster.LogOf(silo.Name), StringComparison.Ordinal);
        }
    }

    private static async Task<string> DirectoryOfAsync(ClusterProcess postgres)
    {
        var arguments = (await File.ReadAllTextAsync($"/proc/{postgres.ProcessId}/cmdline", Token)).Split('\0');
        return arguments[Array.IndexOf(arguments, "-D") + 1];
    }
}
