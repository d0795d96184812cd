using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Vault.Testing;

/// <summary>A real pooler in front of a PostgreSQL server. Needs the package <c>pgbouncer</c>.</summary>
public sealed class PgBouncer : IAsyncDisposable
{
    private readonly Process process;
    private readonly string directory;

    private PgBouncer(Process process, string directory, int port) =>
        (this.process, this.directory, Port) = (process, directory, port);

    /// <summary>The loopback port it listens on.</summary>
    public int Port { get; }

    /// <summary>Starts one.</summary>
    /// <param name="server">The server's loopback port.</param>
    /// <param name="mode"><c>session</c>, <c>transaction</c> or <c>statement</c>.</param>
    /// <param name="ct">Gives up.</param>
    public static async Task<PgBouncer> StartAsync(int server, string mode, CancellationToken ct = default)
    {
        var directory = Directory.CreateTempSubdirectory("vault-pgbouncer-").FullName;
        File.SetUnixFileMode(directory, (UnixFileMode)0b111_101_101);
        var port = FreePort();
        await File.WriteAllTextAsync(Path.Combine(directory, "users"), "\"postgres\" \"\"\n", ct);
        var settings = Path.Combine(directory, "pgbouncer.ini");
        await File.WriteAllTextAsync(settings, string.Create(CultureInfo.InvariantCulture, $"""
            [databases]
            * = host=127.0.0.1 port={server}
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {port}
            unix_socket_dir =
            auth_type = trust
            auth_file = {directory}/users
            pool_mode = {mode}
            ignore_startup_parameters = extra_float_digits,options

            """), ct);
        string[] command = Environment.IsPrivilegedProcess
            ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--", "pgbouncer", settings]
            : ["pgbouncer", settings];
        var process = Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardError = true, WorkingDirectory = directory,
        })!;
        var seen = new StringBuilder();
        while (await process.StandardError.ReadLineAsync(ct) is { } line)
        {
            seen.AppendLine(line);
            if (!line.Contains("process up", StringComparison.Ordinal)) continue;
            _ = process.StandardError.ReadToEndAsync(CancellationToken.None);
            return new PgBouncer(process, directory, port);
        }

        throw new InvalidOperationException($"pgbouncer did not start:\n{seen}");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited) process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        Directory.Delete(directory, recursive: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
