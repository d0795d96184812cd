using System.Globalization;
using System.Security.Cryptography;
using System.Net.Sockets;
using Npgsql;
using Vault.Silo.Serve;

namespace Vault.Silo.Cluster;

/// <summary>PostgreSQL of a cluster by hand: its own directory, its own user where this one is root.</summary>
internal static class PostgresServer
{
    private const string User = "vault";

    /// <summary>Makes an empty server's data.</summary>
    /// <returns>The process, and the connection string of the cluster's database.</returns>
    public static async Task<(ClusterProcess Process, string Url)> MakeAsync(
        string directory, string address, int port, string? subnet, CancellationToken ct)
    {
        var password = RandomNumberGenerator.GetHexString(32, lowercase: true);
        var passwordFile = Path.Combine(directory, "password");
        var data = Path.Combine(directory, "data");
        await File.WriteAllTextAsync(passwordFile, password + "\n", ct);
        if (Environment.IsPrivilegedProcess)
            await Tool.RunAsync("chown", ["-R", "postgres:postgres", directory], ct);
        var (program, arguments) = AsPostgres("initdb",
        [
            "-D", data, "-A", "scram-sha-256", "--pwfile", passwordFile, "-U", User, "-E", "UTF8", "--locale=C",
            "--no-sync",
        ]);
        await Tool.RunAsync(program, arguments, ct);
        File.Delete(passwordFile);
        await File.AppendAllTextAsync(Path.Combine(data, "postgresql.auto.conf"), $"""

            port = {port.ToString(CultureInfo.InvariantCulture)}
            listen_addresses = '{address}'
            unix_socket_directories = '{directory}'
            max_connections = 300
            shared_buffers = 64MB

            """, ct);
        if (subnet is not null)
        {
            await File.AppendAllTextAsync(
                Path.Combine(data, "pg_hba.conf"), $"\nhost all all {subnet}.0/24 scram-sha-256\n", ct);
        }

        (program, arguments) = AsPostgres("postgres", ["-D", data]);
        var process = new ClusterProcess
        {
            Name = "postgres",
            Kind = ProcessKind.Postgres,
            Command = [program, .. arguments],
            Environment = new Dictionary<string, string> { ["LC_ALL"] = "C" },
            Address = address,
            Port = port,
        };
        return (process, Url(process, password, User));
    }

    /// <summary>Not even its sockets answer in order while it starts.</summary>
    private static bool IsStarting(Exception e) => e is NpgsqlException or SocketException;

    /// <summary>Waits until the server answers, and makes the cluster's database.</summary>
    public static async Task CreateDatabaseAsync(string url, ClusterProcess process, CancellationToken ct)
    {
        var settings = new NpgsqlConnectionStringBuilder(url) { Database = "postgres", Pooling = false, Timeout = 5 };
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            try
            {
                await using var connection = new NpgsqlConnection(settings.ConnectionString);
                await connection.OpenAsync(ct);
                await using var create = new NpgsqlCommand("create database " + User, connection);
                await create.ExecuteNonQueryAsync(ct);
                return;
            }
            catch (Exception e) when (IsStarting(e) && Daemon.IsAlive(process))
            {
                await timer.WaitForNextTickAsync(ct); // it is still starting
            }
            catch (Exception e) when (IsStarting(e))
            {
                throw new SetupException($"PostgreSQL did not start: {e.Message}");
            }
        }
    }

    private static string Url(ClusterProcess process, string password, string database) =>
        new NpgsqlConnectionStringBuilder
        {
            Host = process.Address,
            Port = process.Port,
            Username = User,
            Password = password,
            Database = database,
        }.ConnectionString;

    private static (string Program, string[] Arguments) AsPostgres(string program, string[] arguments)
    {
        const string versions = "/usr/lib/postgresql";
        var path = Directory.Exists(versions)
            ? Directory.EnumerateDirectories(versions)
                .Select(version => Path.Combine(version, "bin", program)).Where(File.Exists).Max()
            : null;
        path ??= program;
        return Environment.IsPrivilegedProcess
            ? ("setpriv", ["--reuid=postgres", "--regid=postgres", "--init-groups", "--", path, .. arguments])
            : (path, arguments);
    }
}
