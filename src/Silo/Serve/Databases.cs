using System.Reflection;
using Vault.Grains;
using Vault.Sql.Orleans;
using Vault.Sql;

namespace Vault.Silo.Serve;

/// <summary>Opens the metadata database that the settings name.</summary>
internal static class Databases
{
    /// <summary>Assemblies that carry migrations.</summary>
    public static IReadOnlyList<Assembly> Modules { get; } = [SqlOrleansServices.Migrations, GrainServices.Migrations];

    /// <summary>How long a process of a cluster waits at its start for a database that is busy or away.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Opens a database of a cluster, which may be starting as well.</summary>
    /// <exception cref="SqlUnavailableException">It does not answer after all.</exception>
    public static async Task<Database> OpenPatientlyAsync(
        Func<CancellationToken, Task<Database>> open, TimeProvider time, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(250), time);
        while (true)
        {
            try
            {
                return await open(cancellationToken);
            }
            catch (SqlUnavailableException) when (time.GetElapsedTime(began) < Patience)
            {
                await timer.WaitForNextTickAsync(cancellationToken);
            }
        }
    }

    public static Task<Database> OpenAsync(
        ServeOptions options, TimeProvider time, ILoggerFactory? loggers, CancellationToken cancellationToken) =>
        options.StateBackend == "postgres"
            ? Database.OpenPostgresAsync(
                new PostgresOptions { ConnectionString = options.DatabaseUrl! }, time, loggers, cancellationToken)
            : Database.OpenSqliteAsync(
                new SqliteOptions { Path = new DataDirectory(options.DataDirectory).DatabasePath }, time, loggers,
                cancellationToken);
}
