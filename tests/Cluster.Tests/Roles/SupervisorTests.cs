using System.Globalization;
using Vault.Testing;

namespace Vault.Cluster.Tests.Roles;

/// <summary>A supervisor says of its own silo that it is dead, and of no other.</summary>
[Collection(nameof(SharedCluster))]
public sealed class SupervisorTests(SharedCluster shared)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 600_000)]
    public async Task A_silo_started_twice_by_mistake_goes_on()
    {
        var cluster = shared.Cluster;
        var silo = cluster.Silos[0];
        var directory = Directory.CreateTempSubdirectory("vault-twice-").FullName;
        try
        {
            var settings = await SettingsOfAsync(silo.ProcessId);
            settings["Vault__DataDirectory"] = Path.Combine(directory, "data");
            settings["Vault__ControlPort"] = "0";
            settings["Vault__Roles"] = "silo";
            settings["VAULT_SUPERVISED"] = "";
            var (process, log) = VaultProcess.Launch(directory, settings, ["supervise", "--", "serve"]);
            using (process)
            {
                await process.WaitForExitAsync(Token);
                lock (log) Assert.Contains("is taken", log.ToString(), StringComparison.Ordinal);
                Assert.Equal(1, process.ExitCode);
            }

            Assert.Equal("3", await StatusOfAsync(settings)); // Active
            await cluster.RefreshAsync(silo.Name, Token);
            Assert.Equal(silo.ProcessId, cluster[silo.Name].ProcessId);
            Assert.True(await cluster.IsReadyAsync(silo.Name, Token));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task<string> StatusOfAsync(Dictionary<string, string> settings)
    {
        await using var source = Npgsql.NpgsqlDataSource.Create(settings["DATABASE_URL"]);
        await using var command = source.CreateCommand(
            "select string_agg(status::text, ',') from orleans_silo where port = $1");
        command.Parameters.AddWithValue(int.Parse(settings["Vault__SiloPort"], CultureInfo.InvariantCulture));
        return (string)(await command.ExecuteScalarAsync(Token))!;
    }

    private static async Task<Dictionary<string, string>> SettingsOfAsync(int process) =>
        (await File.ReadAllTextAsync($"/proc/{process}/environ", Token))
        .Split('\0', StringSplitOptions.RemoveEmptyEntries)
        .Select(static line => line.Split('=', 2))
        .ToDictionary(static pair => pair[0], static pair => pair[1]);
}
