using System.Reflection;
using Vault.Grains;
using Vault.Runtime.Sql;
using Vault.Sql;

namespace Vault.Silo.Serve;

/// <summary>Opens the metadata database that the settings name.</summary>
internal static class Databases
{
    /// <summary>Assemblies that carry migrations.</summary>
    public static IReadOnlyList<Assembly> Modules { get; } = [RuntimeSqlServices.Migrations, GrainServices.Migrations];

    public static Task<Database> OpenAsync(
        ServeOptions options, TimeProvider time, ILoggerFactory? loggers, CancellationToken cancellationToken) =>
        options.StateBackend == "postgres"
            ? Database.OpenPostgresAsync(
                new PostgresOptions { ConnectionString = options.DatabaseUrl! }, time, loggers, cancellationToken)
            : Database.OpenSqliteAsync(
                new SqliteOptions { Path = new DataDirectory(options.DataDirectory).DatabasePath }, time, loggers,
                cancellationToken);
}
