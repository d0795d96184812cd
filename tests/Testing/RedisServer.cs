using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace Vault.Testing;

/// <summary>A real Redis on a free loopback port, which keeps nothing. Needs the package <c>redis-server</c>.</summary>
public sealed partial class RedisServer : IAsyncDisposable
{
    private const int SigKill = 9;
    private const int SigStop = 19;
    private const int SigCont = 18;

    private readonly string directory;
    private Process? process;

    private readonly string[] more;
    private readonly ThrowAwayAuthority? tls;

    private RedisServer(string directory, int port, ThrowAwayAuthority? tls, string[] more) =>
        (this.directory, Port, this.tls, this.more) = (directory, port, tls, more);

    /// <summary>The loopback port it listens on, the same after a restart.</summary>
    public int Port { get; }

    /// <summary>As in <c>REDIS_URL</c>.</summary>
    public string Url => UrlOf();

    /// <summary>Starts one.</summary>
    public static Task<RedisServer> StartAsync(CancellationToken ct = default) => StartAsync([], null, ct);

    /// <summary>Starts one.</summary>
    /// <param name="more">More of its command line, such as <c>--user</c>.</param>
    /// <param name="tls">Whose certificate it shows; it then speaks nothing but TLS.</param>
    /// <param name="ct">Ends the start.</param>
    public static async Task<RedisServer> StartAsync(
        string[] more, ThrowAwayAuthority? tls, CancellationToken ct = default)
    {
        var server = new RedisServer(
            Directory.CreateTempSubdirectory("vault-redis-").FullName, FreePort(), tls, more);
        try
        {
            await server.StartServerAsync(ct);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Its address with a login, and another name for the host.</summary>
    public string UrlOf(string? login = null, string host = "127.0.0.1") =>
        $"{(tls is null ? "redis" : "rediss")}://{(login is null ? "" : login + "@")}{host}:"
        + Port.ToString(CultureInfo.InvariantCulture);

    /// <summary>Starts it, empty, and waits until it accepts connections.</summary>
    public async Task StartServerAsync(CancellationToken ct = default)
    {
        var start = new ProcessStartInfo("redis-server")
        {
            WorkingDirectory = directory, RedirectStandardOutput = true,
        };
        var port = Port.ToString(CultureInfo.InvariantCulture);
        string[] listen = tls is null
            ? ["--port", port]
            :
            [
                "--port", "0", "--tls-port", port, "--tls-cert-file", tls.CertificatePath, "--tls-key-file",
                tls.KeyPath, "--tls-ca-cert-file", tls.RootPath, "--tls-auth-clients", "no",
            ];
        foreach (var argument in (string[])
        [
            "--bind", "127.0.0.1", "127.0.0.2", .. listen, "--save", "", "--appendonly", "no", "--dir", directory,
            .. more,
        ])
        {
            start.ArgumentList.Add(argument);
        }

        File.Delete(Path.Combine(directory, "dump.rdb"));
        process = Process.Start(start)!;
        var seen = new StringBuilder();
        while (await process.StandardOutput.ReadLineAsync(ct) is { } line)
        {
            seen.AppendLine(line);
            if (!line.Contains("Ready to accept connections", StringComparison.Ordinal)) continue;
            _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None); // so that it never blocks on its log
            return;
        }

        throw new InvalidOperationException($"Redis did not start:\n{seen}");
    }

    /// <summary>Ends it at once.</summary>
    public async Task StopServerAsync(CancellationToken ct = default)
    {
        if (process is { HasExited: false })
        {
            _ = Kill(process.Id, SigKill);
            await process.WaitForExitAsync(ct);
        }

        process?.Dispose();
        process = null;
    }

    /// <summary>Everything that it holds, as it would lie on a disk.</summary>
    public async Task<byte[]> DumpAsync(CancellationToken ct = default)
    {
        await AskAsync(ct, "config", "set", "rdbcompression", "no");
        await AskAsync(ct, "save");
        return await File.ReadAllBytesAsync(Path.Combine(directory, "dump.rdb"), ct);
    }

    /// <summary>Lets it hang: connections stay, answers don't come.</summary>
    public void Pause() => _ = Kill(process!.Id, SigStop);

    /// <summary>Lets it go on.</summary>
    public void Resume() => _ = Kill(process!.Id, SigCont);

    /// <summary>What <c>redis-cli</c> answers: a look from outside.</summary>
    public async Task<string> AskAsync(CancellationToken ct, params string[] command)
    {
        using var client = new Process();
        client.StartInfo = new ProcessStartInfo("redis-cli") { RedirectStandardOutput = true };
        foreach (var argument in new[] { "-p", Port.ToString(CultureInfo.InvariantCulture) }.Concat(command))
            client.StartInfo.ArgumentList.Add(argument);
        client.StartInfo.StandardOutputEncoding = Encoding.Latin1;
        client.Start();
        var answer = await client.StandardOutput.ReadToEndAsync(ct);
        await client.WaitForExitAsync(ct);
        return answer;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopServerAsync();
        Directory.Delete(directory, recursive: true);
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
