using Vault.Runtime.Simulation.Scheduling;

namespace Vault.Runtime.Simulation.Cluster;

/// <summary>Does harm for a while, by chance.</summary>
internal sealed class Faults(SimulatedCluster cluster)
{
    private readonly Scheduler _scheduler = cluster.Scheduler;
    private readonly Random _random = cluster.Scheduler.Random;
    private bool _ended;

    /// <summary>How many there were of each kind.</summary>
    public Dictionary<string, int> Counts { get; } = [];

    public void Start(TimeSpan duration)
    {
        var end = _scheduler.Now + duration.Ticks;
        cluster.Tables.Left += OnLeft;
        Next();

        void Next() => _scheduler.After(_scheduler.Between(100, 2500), () =>
        {
            if (_scheduler.Now < end)
            {
                Harm();
                Next();
            }
        });
    }

    /// <summary>Undoes all harm: what was stopped goes on, what is down or stops is started again.</summary>
    public void End()
    {
        _ended = cluster.IsQuiet = true;
        cluster.Network.Heal();
        (cluster.Network.Loss, cluster.Network.Delayed) = (0, 0);
        cluster.Database.Start();
        (cluster.Database.Slowness, cluster.Database.Stalling) = (1, 0);
        foreach (var process in _scheduler.Processes)
        {
            cluster.Database.Reconnect(process);
            if (!process.IsDead)
            {
                process.Continue();
            }
        }

        for (var i = 0; i < cluster.Silos.Length; i++)
        {
            if (cluster.Silos[i].IsLeaving)
            {
                cluster.Silos[i].Kill(); // it has had its time to stop
            }

            cluster.Restart(i);
        }
    }

    private void Harm()
    {
        var number = _random.Next(cluster.Silos.Length);
        var silo = cluster.Silos[number];
        switch (_random.Next(14))
        {
            case 0 or 1 or 2:
                Count("stop within a step");
                silo.Process.Stop(_scheduler.Between(50, 9000), _random.Next(1, 150));
                break;
            case 3:
                Count("stop");
                silo.Process.Stop(_scheduler.Between(50, 9000), 0);
                break;
            case 4:
                Count("kill");
                silo.Kill();
                if (_random.Next(2) == 0)
                {
                    _scheduler.After(_scheduler.Between(1, 300), () => cluster.Tables.EndLease(silo.Process.Name));
                }

                Later(10, 3000, () => cluster.Restart(number));
                break;
            case 5 or 6 when silo.IsAlive && !silo.IsLeaving:
                Count("leave");
                silo.Leave();
                if (_random.Next(3) == 0)
                {
                    silo.Process.Stop(_scheduler.Between(50, 2800), _random.Next(1, 40));
                }

                Later(500, 6000, () => cluster.Restart(number));
                break;
            case 7:
                Count("partition");
                foreach (var other in _scheduler.Processes.Where(p => p != silo.Process && _random.Next(2) == 0))
                {
                    cluster.Network.Cut(silo.Process, other);
                    if (_random.Next(4) > 0)
                    {
                        cluster.Network.Cut(other, silo.Process);
                    }
                }

                Later(100, 8000, cluster.Network.Heal);
                break;
            case 8:
                Count("partition from the database");
                cluster.Database.CutOff(silo.Process);
                Later(100, 8000, () => cluster.Database.Reconnect(silo.Process));
                break;
            case 9:
                Count("lossy network");
                cluster.Network.Loss = 0.1 * _random.NextDouble();
                cluster.Network.Delayed = 0.3 * _random.NextDouble();
                Later(100, 4000, () => (cluster.Network.Loss, cluster.Network.Delayed) = (0, 0));
                break;
            case 10:
                Count("slow database");
                cluster.Database.Slowness = _scheduler.Between(10, 900).TotalMilliseconds;
                Later(100, 4000, () => cluster.Database.Slowness = 1);
                break;
            case 11 or 12:
                Count("stalling database");
                cluster.Database.Stalling = 0.5 * _random.NextDouble();
                Later(200, 5000, () => cluster.Database.Stalling = 0);
                break;
            default:
                Count("database crash");
                cluster.Database.Crash();
                Later(50, 5000, cluster.Database.Start);
                break;
        }
    }

    /// <summary>Often a silo does not hear that it has left.</summary>
    private void OnLeft(SiloAddress address)
    {
        var silo = Array.Find(cluster.Silos, s => s.Address.Equals(address));
        if (silo is not null && !_ended && _random.Next(2) == 0)
        {
            Count("leaves unheard");
            cluster.Database.CutOff(silo.Process);
            Later(500, 4000, () => cluster.Database.Reconnect(silo.Process));
        }
    }

    private void Later(double from, double to, Action action) => _scheduler.After(_scheduler.Between(from, to), () =>
    {
        if (!_ended)
        {
            action();
        }
    });

    private void Count(string kind)
    {
        Counts[kind] = Counts.GetValueOrDefault(kind) + 1;
        _scheduler.Log?.Invoke($"{_scheduler.Time} fault: {kind}");
    }
}
