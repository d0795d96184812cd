using Vault.Runtime.Simulation.Database;
using Vault.Runtime.Simulation.Network;
using Vault.Runtime.Simulation.Scheduling;

namespace Vault.Runtime.Simulation.Cluster;

/// <summary>Silos, clients, a network and a database, all in one scheduler.</summary>
internal sealed class SimulatedCluster : IDisposable
{
    public const int SiloCount = 3;
    public const int ClientCount = 2;
    private readonly int[] _starts = new int[SiloCount];

    public SimulatedCluster(int seed, DeliberateBreak deliberate, Action<string>? log)
    {
        Break = deliberate;
        Tables = deliberate.Tables();
        Scheduler = new Scheduler(seed) { Log = log };
        Network = new SimulatedNetwork(Scheduler);
        Database = new DatabaseServer(Scheduler);
    }

    /// <summary>How long a call may take.</summary>
    public static TimeSpan ResponseTimeout { get; } = TimeSpan.FromSeconds(5);

    public Scheduler Scheduler { get; }

    public SimulatedNetwork Network { get; }

    /// <summary>No faults happen any more.</summary>
    public bool IsQuiet { get; set; }

    public DatabaseServer Database { get; }

    public MembershipTables Tables { get; }

    public DeliberateBreak Break { get; }

    /// <summary>The latest process of each silo.</summary>
    public SimulatedSilo[] Silos { get; private set; } = [];

    public List<SimulatedClient> Clients { get; } = [];

    /// <summary>Starts all; each client does its work once it knows a silo.</summary>
    public void Start(Func<SimulatedClient, Task> work)
    {
        Silos = [.. Enumerable.Range(0, SiloCount).Select(i => new SimulatedSilo(this, i, ++_starts[i]))];
        foreach (var silo in Silos)
        {
            silo.Start();
        }

        for (var i = 0; i < ClientCount; i++)
        {
            var client = new SimulatedClient(this, i);
            Clients.Add(client);
            client.Start(() => work(client));
        }
    }

    /// <summary>Starts a silo whose process has ended.</summary>
    public void Restart(int number)
    {
        if (!Silos[number].IsAlive)
        {
            Silos[number] = new SimulatedSilo(this, number, ++_starts[number]);
            Silos[number].Start();
        }
    }

    public void Dispose()
    {
        Scheduler.Dispose();
    }
}
