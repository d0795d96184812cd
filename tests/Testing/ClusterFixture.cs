using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Vault.Testing;

/// <summary>
/// A cluster of real processes on this machine, started from outside by <c>vault cluster</c>, and what may befall it.
/// </summary>
public sealed partial class ClusterFixture : IAsyncDisposable
{
    private const int SigKill = 9;
    private const int SigQuit = 3;
    private const int SigTerm = 15;
    private const int SigCont = 18;
    private const int SigStop = 19;

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };
    private readonly Dictionary<string, ClusterProcess> _processes = [];

    private ClusterFixture(string directory, JsonElement ready)
    {
        Directory = directory;
        AccessKeyId = ready.GetProperty("access_key_id").GetString()!;
        SecretAccessKey = ready.GetProperty("secret_access_key").GetString()!;
        ProjectId = ready.GetProperty("project_id").GetString()!;
        foreach (var row in ready.GetProperty("processes").EnumerateArray())
        {
            var process = new ClusterProcess(row);
            _processes.Add(process.Name, process);
        }
    }

    /// <summary>The cluster's directory: <c>log/NAME.log</c>, <c>data/NAME</c>, <c>config</c>.</summary>
    public string Directory { get; }

    public string AccessKeyId { get; }

    public string SecretAccessKey { get; }

    public string ProjectId { get; }

    public IEnumerable<ClusterProcess> Processes => _processes.Values;

    public IReadOnlyList<ClusterProcess> Silos => [.. Processes.Where(p => p.Kind is "silo" or "alike")];

    public IReadOnlyList<ClusterProcess> Gateways => [.. Processes.Where(p => p.Kind is "s3" or "alike")];

    public ClusterProcess Control => Processes.First(p => p.Kind is "control" or "alike");

    /// <summary>The operator's macaroon.</summary>
    public string AdminToken => File.ReadAllText(System.IO.Directory.GetFiles(
        Path.Combine(Directory, "config"), "admin.macaroon", SearchOption.AllDirectories)[0]).Trim();

    public ClusterProcess this[string name] => _processes[name];

    /// <summary>Starts a cluster and waits until all of it is ready.</summary>
    public static async Task<ClusterFixture> StartAsync(ClusterShape? shape = null, CancellationToken ct = default)
    {
        shape ??= new ClusterShape();
        var directory = System.IO.Directory.CreateTempSubdirectory("vault-cluster-test-").FullName;
        List<string> arguments =
        [
            "up", "--json", "--silos", shape.Silos.ToString(CultureInfo.InvariantCulture),
            "--gateways", shape.Gateways.ToString(CultureInfo.InvariantCulture),
        ];
        if (shape.Alike) arguments.Add("--alike");
        if (shape.Namespaces) arguments.Add("--namespaces");
        if (shape.Tls is var (certificate, key)) arguments.AddRange(["--tls-cert", certificate, "--tls-key", key]);
        foreach (var (name, value) in shape.Settings) arguments.AddRange(["--set", $"{name}={value}"]);
        using var ready = JsonDocument.Parse(await RunAsync(directory, arguments, ct));
        return new ClusterFixture(directory, ready.RootElement);
    }

    /// <summary>A client of one of the gateways, the first is 0.</summary>
    public S3TestClient Client(int gateway = 0, int connections = 64) =>
        new(Gateways[gateway].Address, AccessKeyId, SecretAccessKey, connections);

    /// <summary>SIGKILL, and waits until the process itself is gone.</summary>
    /// <param name="name">The process.</param>
    /// <param name="supervised">Leaves its supervisor, which reaps it and ends its lease soon after.</param>
    /// <param name="ct">Waits no longer.</param>
    public async Task KillAsync(string name, bool supervised = false, CancellationToken ct = default)
    {
        var process = _processes[name];
        var (supervisor, worker) = (process.SupervisorId, process.ProcessId);
        if (process.Kind == "postgres")
        {
            Send(supervisor, SigQuit); // its children end with it only this way
        }
        else
        {
            if (!supervised) Send(supervisor, SigKill);
            Send(worker, SigKill);
        }

        await GoneAsync(worker, ct);
    }

    /// <summary>SIGKILL to its supervisor alone, and waits until the process has ended for it.</summary>
    public Task KillSupervisorAsync(string name, CancellationToken ct = default)
    {
        Send(_processes[name].SupervisorId, SigKill);
        return GoneAsync(_processes[name].ProcessId, ct);
    }

    /// <summary>SIGTERM, and waits until it is gone.</summary>
    public async Task StopAsync(string name, CancellationToken ct = default)
    {
        var process = _processes[name];
        Send(process.SupervisorId, process.Kind == "postgres" ? 2 : SigTerm);
        await GoneAsync(process.ProcessId, ct);
        await GoneAsync(process.SupervisorId, ct);
    }

    /// <summary>Waits until a process and its supervisor have ended by themselves.</summary>
    public async Task EndedAsync(string name, CancellationToken ct = default)
    {
        await GoneAsync(_processes[name].ProcessId, ct);
        await GoneAsync(_processes[name].SupervisorId, ct);
    }

    /// <summary>Starts one that has ended, and waits until it is ready.</summary>
    public async Task StartAsync(string name, CancellationToken ct = default)
    {
        // The supervisor of one that was killed ends soon, unless that had been declared dead just before: then it has
        // started another.
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(TimeSpan.FromSeconds(10));
        try
        {
            await GoneAsync(_processes[name].SupervisorId, patience.Token);
            await RunAsync(Directory, ["start", name], ct);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            await ReadyAsync(name, ct);
        }

        await RefreshAsync(name, ct);
    }

    /// <summary>Waits until a process's supervisor has started another in its place, and that is ready.</summary>
    /// <param name="name">The process.</param>
    /// <param name="before">The id of the one that ends.</param>
    /// <param name="ct">Gives up.</param>
    public async Task ReplacedAsync(string name, int before, CancellationToken ct = default)
    {
        await GoneAsync(before, ct);
        await ReadyAsync(name, ct);
        await RefreshAsync(name, ct);
    }

    /// <summary>Takes note of the process that a supervisor may have started in another's place.</summary>
    public async Task RefreshAsync(string name, CancellationToken ct = default)
    {
        using var status = JsonDocument.Parse(await RunAsync(Directory, ["status", "--json"], ct));
        _processes[name].Update(status.RootElement.GetProperty("processes").EnumerateArray()
            .First(row => row.GetProperty("name").GetString() == name));
    }

    /// <summary>SIGSTOP; its supervisor goes on.</summary>
    public void Pause(string name) => Send(_processes[name].ProcessId, SigStop);

    /// <summary>SIGCONT.</summary>
    public void Resume(string name) => Send(_processes[name].ProcessId, SigCont);

    /// <summary>Cuts a process off from all others and from clients, or only from those named.</summary>
    public Task PartitionAsync(string name, IReadOnlyList<string>? from = null, CancellationToken ct = default) =>
        RunAsync(Directory, from is { Count: > 0 } ? ["partition", name, "--from", .. from] : ["partition", name], ct);

    /// <summary>Undoes every partition.</summary>
    public Task HealAsync(CancellationToken ct = default) => RunAsync(Directory, ["heal"], ct);

    /// <summary>Whether <c>/readyz</c> says yes.</summary>
    public async Task<bool> IsReadyAsync(string name, CancellationToken ct = default)
    {
        try
        {
            using var answer = await _http.GetAsync(new Uri(_processes[name].Control!, "/readyz"), ct);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException
            || (e is TaskCanceledException && !ct.IsCancellationRequested))
        {
            return false;
        }
    }

    /// <summary>Sum over all label sets of one metric of a process, or over those with a label.</summary>
    /// <param name="name">The process.</param>
    /// <param name="metric">The metric.</param>
    /// <param name="label">Such as <c>channel="views"</c>.</param>
    /// <param name="ct">Gives up.</param>
    public async Task<double> MetricAsync(
        string name, string metric, string label = "", CancellationToken ct = default)
    {
        double sum = 0;
        var text = await _http.GetStringAsync(new Uri(_processes[name].Control!, "/metrics"), ct);
        foreach (var line in text.Split('\n'))
        {
            if (line.Length > metric.Length && line.StartsWith(metric, StringComparison.Ordinal)
                && line[metric.Length] is ' ' or '{' && line.Contains(label, StringComparison.Ordinal))
                sum += double.Parse(line.AsSpan(line.LastIndexOf(' ') + 1), CultureInfo.InvariantCulture);
        }

        return sum;
    }

    /// <summary>Everything that a process wrote.</summary>
    public string LogOf(string name) => File.ReadAllText(Path.Combine(Directory, "log", name + ".log"));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        foreach (var process in Processes.Where(p => p.Control is not null)) Send(process.ProcessId, SigCont);
        await RunAsync(Directory, ["down"], CancellationToken.None);
    }

    /// <summary>Runs <c>vault cluster</c> with arguments; what it printed.</summary>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    private static async Task<string> RunAsync(string directory, List<string> arguments, CancellationToken ct)
    {
        var start = new ProcessStartInfo(VaultProcess.Program)
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (var argument in (string[])["cluster", .. arguments, "--dir", directory])
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(ct);
        var output = await process.StandardOutput.ReadToEndAsync(ct);
        await process.WaitForExitAsync(ct);
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"vault cluster {arguments[0]} failed: {await error}");
    }

    private async Task ReadyAsync(string name, CancellationToken ct)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!await IsReadyAsync(name, ct)) await timer.WaitForNextTickAsync(ct);
    }

    private static async Task GoneAsync(int pid, CancellationToken ct)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (IsThere(pid)) await timer.WaitForNextTickAsync(ct);
    }

    private static bool IsThere(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static void Send(int pid, int signal)
    {
        if (pid > 0) _ = Kill(pid, signal);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
