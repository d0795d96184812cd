using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using Npgsql;

namespace Vault.Testing;

/// <summary>
/// A real PostgreSQL on a free loopback port, in its own directory, as user <c>postgres</c> when the tests run as root
/// (the server refuses root). One per test assembly; databases on demand. Needs the package <c>postgresql</c>.
/// </summary>
public sealed partial class PostgresServer : IAsyncDisposable
{
    private const int SignalInterrupt = 2;

    private readonly string directory;
    private Process? process;
    private int databases;

    private PostgresServer(string directory, int port) => (this.directory, Port) = (directory, port);

    /// <summary>The loopback port it listens on, the same after a restart.</summary>
    public int Port { get; }

    /// <summary>Makes a cluster and starts it.</summary>
    /// <param name="fsync">Whether it syncs to disk.</param>
    /// <param name="ct">Gives up.</param>
    public static async Task<PostgresServer> StartAsync(bool fsync = false, CancellationToken ct = default)
    {
        var directory = Directory.CreateTempSubdirectory("vault-postgres-").FullName;
        var server = new PostgresServer(directory, FreePort());
        try
        {
            if (Environment.IsPrivilegedProcess)
            {
                await RunAsync("chown", ["postgres:postgres", directory], ct);
            }

            var (program, arguments) = AsPostgres("initdb",
                ["-D", server.Data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync"]);
            await RunAsync(program, arguments, ct);
            await File.AppendAllTextAsync(Path.Combine(server.Data, "postgresql.auto.conf"), $"""

                port = {server.Port.ToString(CultureInfo.InvariantCulture)}
                listen_addresses = '127.0.0.1'
                unix_socket_directories = '{directory}'
                max_connections = 300
                shared_buffers = 64MB
                fsync = {(fsync ? "on" : "off")}

                """, ct);
            await server.StartServerAsync(ct);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>A connection string to one of its databases.</summary>
    public string ConnectionString(string database)
        => $"Host=127.0.0.1;Port={Port.ToString(CultureInfo.InvariantCulture)};Username=postgres;Database={database}";

    /// <summary>Creates an empty database.</summary>
    /// <returns>Its connection string.</returns>
    public async Task<string> CreateDatabaseAsync(CancellationToken ct = default)
    {
        var number = Interlocked.Increment(ref databases);
        var name = "test" + number.ToString(CultureInfo.InvariantCulture);
        await ExecuteAsync("postgres", "create database " + name, ct);
        return ConnectionString(name);
    }

    /// <summary>Runs a statement as superuser, outside every pool.</summary>
    public async Task ExecuteAsync(string database, string sql, CancellationToken ct = default)
    {
        await using var connection = new NpgsqlConnection(ConnectionString(database) + ";Pooling=false");
        await connection.OpenAsync(ct);
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 60 };
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Stops the server at once (sessions are ended) and leaves its data.</summary>
    public async Task StopServerAsync(CancellationToken ct = default)
    {
        if (process is { HasExited: false })
        {
            _ = Kill(process.Id, SignalInterrupt);
            await process.WaitForExitAsync(ct);
        }

        process?.Dispose();
        process = null;
    }

    /// <summary>Starts it on its data and waits until it accepts connections.</summary>
    public async Task StartServerAsync(CancellationToken ct = default)
    {
        var (program, arguments) = AsPostgres("postgres", ["-D", Data]);
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = directory, RedirectStandardError = true,
        };
        start.Environment["LC_ALL"] = "C";
        process = new Process { StartInfo = start, EnableRaisingEvents = true };
        var lines = Channel.CreateUnbounded<string?>();
        process.ErrorDataReceived += (_, line) => lines.Writer.TryWrite(line.Data);
        process.Start();
        process.BeginErrorReadLine();
        var seen = new List<string>();
        while (await lines.Reader.ReadAsync(ct) is { } line)
        {
            seen.Add(line);
            if (line.Contains("ready to accept connections", StringComparison.Ordinal))
            {
                return;
            }
        }

        throw new InvalidOperationException("PostgreSQL did not start:\n" + string.Join('\n', seen));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopServerAsync();
        Directory.Delete(directory, recursive: true);
    }

    private string Data => Path.Combine(directory, "data");

    private static (string Program, string[] Arguments) AsPostgres(string program, string[] arguments)
    {
        var path = Directory.Exists("/usr/lib/postgresql")
            ? Directory.EnumerateDirectories("/usr/lib/postgresql")
                .Select(version => Path.Combine(version, "bin", program)).Where(File.Exists).Max()
            : null;
        path ??= program;
        return Environment.IsPrivilegedProcess
            ? ("setpriv", ["--reuid=postgres", "--regid=postgres", "--init-groups", "--", path, .. arguments])
            : (path, arguments);
    }

    private static async Task RunAsync(string program, string[] arguments, CancellationToken ct)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = "/", RedirectStandardError = true, RedirectStandardOutput = true,
        };
        using var run = Process.Start(start)!;
        var output = run.StandardOutput.ReadToEndAsync(ct);
        var error = await run.StandardError.ReadToEndAsync(ct);
        await run.WaitForExitAsync(ct);
        if (run.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} failed: {await output}{error}");
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
