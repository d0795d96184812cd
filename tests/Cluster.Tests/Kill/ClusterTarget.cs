using System.Text.Json.Nodes;
using Vault.Testing;

namespace Vault.Cluster.Tests.Kill;

/// <summary>
/// Three silos with volumes, two gateways and a control plane, each a process in a network of its own; or three
/// processes that are all of these.
/// </summary>
internal sealed class ClusterTarget : KillTarget
{
    private const int Starts = 5;

    private readonly ClusterFixture _cluster;
    private readonly string[] _processes;
    private readonly S3TestClient[] _clients;
    private readonly List<Fault> _faults = [];

    private ClusterTarget(ClusterFixture cluster, bool partitions)
    {
        _cluster = cluster;
        _processes = [.. cluster.Silos.Concat(cluster.Gateways).Select(static p => p.Name).Distinct()];
        _clients = [.. cluster.Gateways.Select((_, n) => cluster.Client(n, connections: 400))];
        FaultKind[] kinds = partitions
            ? [FaultKind.Kill, FaultKind.Pause, FaultKind.Terminate, FaultKind.Partition]
            : [FaultKind.Kill, FaultKind.Pause, FaultKind.Terminate];
        foreach (var kind in kinds)
        {
            // Silos and gateways in turn, whichever come first.
            for (var n = 0; n < cluster.Silos.Count; n++)
            {
                _faults.Add(new(kind, cluster.Silos[n].Name, "silos"));
                if (n < _processes.Length - cluster.Silos.Count)
                    _faults.Add(new(kind, cluster.Gateways[n].Name, "gateways"));
            }
        }

        _faults.Add(new(FaultKind.Database, "postgres", "postgres"));
        _faults.Add(new(FaultKind.Redis, "redis", "redis"));
    }

    public override IReadOnlyList<S3TestClient> Gateways => _clients;

    public override IReadOnlyList<Fault> Faults => _faults;

    public override string DatabaseUrl => (string)Environment(_cluster.Silos[0].Name)["DATABASE_URL"]!;

    public override IEnumerable<(string Process, string Text)> Logs =>
        _processes.Select(name => (name, _cluster.LogOf(name)));

    public static async Task<ClusterTarget> StartAsync(bool alike, bool partitions, CancellationToken ct)
    {
        var settings = new Dictionary<string, string>
        {
            ["Vault__DrainTime"] = "00:00:03",
            ["Volume__LogBytes"] = "67108864",
            ["Reclaim__Period"] = "00:00:01",
            ["Reclaim__DeadGrace"] = "00:00:10",
            ["Reclaim__GatewayLapse"] = "00:00:20",
        };
        return new ClusterTarget(
            await ClusterFixture.StartAsync(
                new() { Alike = alike, Namespaces = partitions, Settings = settings }, ct),
            partitions);
    }

    public override async Task StrikeAsync(Fault fault, bool other, Func<Task> hold, CancellationToken ct)
    {
        // Its supervisor may have started another in its place, long after the fault that it was declared dead for.
        if (_processes.Contains(fault.Victim)) await _cluster.RefreshAsync(fault.Victim, ct);
        var before = _cluster[fault.Victim].ProcessId;
        switch (fault.Kind)
        {
            case FaultKind.Kill:
                await _cluster.KillAsync(fault.Victim, supervised: other, ct);
                await hold();
                await StartAgainAsync(fault.Victim, ct);
                break;
            case FaultKind.Terminate:
            case FaultKind.Database:
            case FaultKind.Redis:
                await _cluster.StopAsync(fault.Victim, ct);
                await hold();
                await StartAgainAsync(fault.Victim, ct);
                break;
            case FaultKind.Pause:
                _cluster.Pause(fault.Victim);
                await hold();
                await RemovedAsync(fault.Victim, ct);
                _cluster.Resume(fault.Victim);
                await ReplacedAsync(fault.Victim, before, ct); // it must find that it is a member no more
                break;
            case FaultKind.Partition:
                await _cluster.PartitionAsync(fault.Victim, ct: ct);
                await hold();
                if (other) await RemovedAsync(fault.Victim, ct);
                await _cluster.HealAsync(ct);
                if (other) await ReplacedAsync(fault.Victim, before, ct);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(fault));
        }

        await UntilReadyAsync(ct);
    }

    public override async Task RestartAsync(IReadOnlyDictionary<string, string> settings, CancellationToken ct)
    {
        await Task.WhenAll(_processes.Select(name => _cluster.StopAsync(name, ct)));
        var state = State();
        foreach (var process in state["processes"]!.AsArray())
        {
            foreach (var (setting, value) in settings) process!["environment"]![setting] = value;
        }

        await File.WriteAllTextAsync(StateFile, state.ToJsonString(), ct);
        await Task.WhenAll(_processes.Select(name => StartAgainAsync(name, ct)));
        await UntilReadyAsync(ct);
    }

    public override async Task<IReadOnlyList<string>> StopAsync(CancellationToken ct)
    {
        await Task.WhenAll(_processes.Select(name => _cluster.StopAsync(name, ct)));
        return [.. _cluster.Silos.Select(
            silo => Path.Combine((string)Environment(silo.Name)["Vault__DataDirectory"]!, "volume"))];
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (var client in _clients) client.Dispose();
        await _cluster.DisposeAsync();
    }

    private string StateFile => Path.Combine(_cluster.Directory, "cluster.json");

    /// <summary>A start that finds no database in time ends; whoever supervises the process repeats it.</summary>
    private async Task StartAgainAsync(string name, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await _cluster.StartAsync(name, ct);
                return;
            }
            catch (InvalidOperationException) when (attempt < Starts)
            {
                // It has ended again.
            }
        }
    }

    /// <summary>Until the other silos have a view without this one; a gateway is in none.</summary>
    private Task RemovedAsync(string name, CancellationToken ct)
    {
        var others = _cluster.Silos.Where(s => s.Name != name).ToList();
        return others.Count == _cluster.Silos.Count ? Task.CompletedTask : Metrics.UntilAsync(async () =>
            (int)await _cluster.MetricAsync(others[0].Name, "orleans_directory_ring_size", ct: ct) == others.Count, ct);
    }

    private Task ReplacedAsync(string name, int before, CancellationToken ct) =>
        _cluster.Silos.Any(s => s.Name == name) ? _cluster.ReplacedAsync(name, before, ct) : Task.CompletedTask;

    private Task UntilReadyAsync(CancellationToken ct) => Metrics.UntilAsync(async () =>
    {
        var ready = await Task.WhenAll(_processes.Select(name => _cluster.IsReadyAsync(name, ct)));
        return Array.TrueForAll(ready, static r => r);
    }, ct);

    private JsonNode State() => JsonNode.Parse(File.ReadAllText(StateFile))!;

    private JsonNode Environment(string name) =>
        State()["processes"]!.AsArray().First(p => (string)p!["name"]! == name)!["environment"]!;
}
