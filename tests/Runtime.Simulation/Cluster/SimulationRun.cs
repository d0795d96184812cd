using Vault.Testing.Histories;

namespace Vault.Runtime.Simulation.Cluster;

/// <summary>One seed: a cluster under load and faults, then quiet, then judged.</summary>
internal sealed class SimulationRun
{
    private static readonly TimeSpan Lease = new MembershipOptions().Lease;

    /// <summary>The longest that a silo waits between two generations.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(8);
    private readonly History _history = new();
    private string? _problem;

    private SimulationRun()
    {
    }

    public string? Problem => _problem;

    public ulong TraceHash { get; private set; }

    public long Steps { get; private set; }

    public int Succeeded { get; private set; }

    public int Calls { get; private set; }

    public int Commits { get; private set; }

    /// <summary>Silos removed because they were silent.</summary>
    public int Removals { get; private set; }

    public IReadOnlyDictionary<string, int> Faults { get; private set; } = new Dictionary<string, int>();

    public static SimulationRun Of(int seed, DeliberateBreak? deliberate = null, Action<string>? log = null)
    {
        var run = new SimulationRun();
        var thread = new Thread(() =>
        {
            using var cluster = new SimulatedCluster(seed, deliberate ?? DeliberateBreak.None, log);
            run.Run(cluster);
        });
        thread.Start();
        thread.Join();
        return run;
    }

    private void Run(SimulatedCluster cluster)
    {
        var scheduler = cluster.Scheduler;
        var workload = new Workload(cluster, _history);
        var faults = new Faults(cluster);
        var commits = new CommitWatch(cluster.Database);
        cluster.Start(workload.WorkAsync);
        var harm = scheduler.Between(6000, 25000);
        var begin = TimeSpan.FromSeconds(2);
        var quiet = begin + harm;
        var back = quiet + (2 * Lease);
        var whole = back + LongestPause;
        var end = back + SimulatedCluster.ResponseTimeout;
        var judged = false;
        var probes = 0;
        var done = false;
        scheduler.At(begin.Ticks, () => faults.Start(harm));
        scheduler.At(quiet.Ticks, faults.End);
        scheduler.At(back.Ticks, () =>
        {
            workload.Ends = true;
            foreach (var client in cluster.Clients)
            {
                for (var i = 0; i < Workload.Keys; i++)
                {
                    var key = Workload.Key(i);
                    probes++;
                    client.Process.Post(async () =>
                    {
                        if (!await workload.ReadAsync(client, key, "probe"))
                        {
                            _problem ??= $"two leases after the last fault {key} could not be read";
                        }

                        probes--;
                    });
                }
            }
        });
        scheduler.At((end + TimeSpan.FromSeconds(1)).Ticks, () => done = true);
        scheduler.At(whole.Ticks, () =>
        {
            judged = true;
            JudgeMembers(cluster);
        });
        scheduler.Run(() => commits.Violation is not null
            || (judged && (done || (probes == 0 && workload.Ends && workload.Running == 0))));
        (TraceHash, Steps, Commits) = (scheduler.TraceHash, scheduler.Steps, commits.Commits);
        (Succeeded, Calls, Removals, Faults) = (
            workload.Succeeded, _history.Count, cluster.Tables.Removals, faults.Counts);
        if (scheduler.Failure is { } failure)
        {
            _problem = failure.ToString();
        }
        else if (commits.Violation is { } violation)
        {
            _problem = violation;
        }
        else if (workload.Running > 0)
        {
            _problem ??= $"{workload.Running} calls never ended";
        }
        else
        {
            Judge(cluster);
        }
    }

    /// <summary>Every silo that lives owns again.</summary>
    private void JudgeMembers(SimulatedCluster cluster)
    {
        var tables = cluster.Tables.Read(-1);
        foreach (var silo in cluster.Silos.Where(s => s.IsAlive))
        {
            if (!tables.Silos.Any(s => s.Address.Equals(silo.Address)
                && s is { Gone: null, Leaving: null, Ended: false }))
            {
                _problem ??= $"{silo.Process.Name} lives, and {silo.Address} owns nothing in view "
                    + $"{tables.Current.Number}";
            }
        }
    }

    /// <summary>What is stored in the end is read, too; then everything must fit together.</summary>
    private void Judge(SimulatedCluster cluster)
    {
        for (var i = 0; i < Workload.Keys; i++)
        {
            var last = _history.Get(Workload.Key(i), "the database, at the end");
            last.Returned(cluster.Database.Rows.Committed(FencedRows.States, Workload.Key(i))?.Value);
        }

        if (_history.Check() is { } violation)
        {
            _problem = violation.Message;
        }
    }
}
