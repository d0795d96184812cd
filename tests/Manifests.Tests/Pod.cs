using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using Vault.Testing;

namespace Vault.Manifests.Tests;

/// <summary>
/// One pod as a process: the container's own arguments and environment, with an address of its own on loopback, so that
/// ports are those of the manifests. References to fields, Secrets, services and mounts are resolved as Kubernetes
/// would.
/// </summary>
internal sealed partial class Pod : IAsyncDisposable
{
    private const int SigKill = 9;
    private const int SigTerm = 15;

    private readonly VaultContainer _container;
    private readonly Process _process;
    private readonly StringBuilder _log = new();
    private readonly HttpClient _http;

    private Pod(VaultContainer container, string name, IPAddress address, ProcessStartInfo start)
    {
        (_container, Name, Address) = (container, name, address);
        _http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        _process = new Process { StartInfo = start };
        _process.ErrorDataReceived += (_, e) => Note(e.Data);
        _process.OutputDataReceived += (_, e) => Note(e.Data);
        _process.Start();
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
    }

    public string Name { get; }

    public IPAddress Address { get; }

    public string Log
    {
        get { lock (_log) return _log.ToString(); }
    }

    public static Pod Start(VaultContainer container, string name, IPAddress address, World world)
    {
        var start = new ProcessStartInfo(VaultProcess.Program, container.Arguments)
        {
            RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = "/",
        };
        var directory = Directory.CreateDirectory(Path.Combine(world.Directory, name)).FullName;
        start.Environment["HOME"] = directory;
        foreach (var (variable, value) in container.Environment)
        {
            var entry = Rendering.List(container.Node["env"]).LastOrDefault(e => (string?)e["name"] == variable);
            var text = value ?? Resolve(entry!["valueFrom"]!, name, address, world);
            text = text?.Replace("$(POD_NAME)", name, StringComparison.Ordinal);
            if (text is not null) start.Environment[variable] = world.Rewrite(text, container, directory);
        }

        start.Environment["Vault__Address"] = address.ToString(); // the others have their own on this machine
        return new Pod(container, name, address, start);
    }

    public Uri At(string port, string path = "/") => new($"http://{Address}:{_container.Ports[port]}{path}");

    /// <summary>What a probe of the container finds.</summary>
    public async Task<bool> ProbeAsync(string probe, CancellationToken ct)
    {
        var asks = _container.Node[probe]!["httpGet"]!;
        try
        {
            using var answer = await _http.GetAsync(At((string)asks["port"]!, (string)asks["path"]!), ct);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException
            || (e is TaskCanceledException && !ct.IsCancellationRequested))
        {
            return false;
        }
    }

    /// <summary>Waits until a probe finds what is expected; an end of the process fails the test.</summary>
    public async Task UntilAsync(string probe, bool expected, CancellationToken ct)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (await ProbeAsync(probe, ct) != expected)
        {
            Assert.False(_process.HasExited, $"{Name} ended:\n{Log}");
            await timer.WaitForNextTickAsync(ct);
        }
    }

    /// <summary>SIGTERM, as Kubernetes sends it.</summary>
    public void Terminate() => _ = Kill(_process.Id, SigTerm);

    /// <summary>The exit code; the process has as long as the pod has.</summary>
    public async Task<int> EndAsync(CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        if ((int?)Rendering.Pod(_container.Workload)["terminationGracePeriodSeconds"] is { } grace)
            limit.CancelAfter(TimeSpan.FromSeconds(grace));
        await _process.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            foreach (var child in Children(_process.Id)) _ = Kill(child, SigKill);
            _ = Kill(_process.Id, SigKill);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        _http.Dispose();
    }

    private static string? Resolve(JsonNode from, string name, IPAddress address, World world) =>
        (from["fieldRef"], from["secretKeyRef"]) switch
        {
            ({ } field, _) => (string)field["fieldPath"]! switch
            {
                "status.podIP" => address.ToString(),
                "metadata.name" => name,
                "spec.nodeName" => "machine-of-" + name,
                var other => throw new InvalidOperationException($"no test of {other}"),
            },
            (_, { } secret) => world.Secret((string)secret["name"]!, (string)secret["key"]!)
                ?? ((bool?)secret["optional"] == true ? null : throw new InvalidOperationException($"no {secret}")),
            _ => throw new InvalidOperationException(from.ToJsonString()),
        };

    /// <summary>A child is listed with the thread that started it.</summary>
    private static int[] Children(int pid) =>
    [
        .. Directory.GetDirectories($"/proc/{pid}/task").SelectMany(thread =>
            File.ReadAllText(Path.Combine(thread, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(int.Parse),
    ];

    private void Note(string? line)
    {
        if (line is null) return;
        lock (_log) _log.AppendLine(line);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
