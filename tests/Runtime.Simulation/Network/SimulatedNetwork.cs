using Vault.Runtime.Simulation.Scheduling;

namespace Vault.Runtime.Simulation.Network;

/// <summary>
/// Wires that delay, lose, reorder and cut: every frame takes a time of its own, so that any may overtake any other.
/// </summary>
internal sealed class SimulatedNetwork(Scheduler scheduler)
{
    private readonly Dictionary<SiloAddress, SimulatedTransport> _open = [];
    private readonly HashSet<(int From, int To)> _cuts = [];

    public Scheduler Scheduler { get; } = scheduler;

    /// <summary>The share of frames that are lost.</summary>
    public double Loss { get; set; }

    /// <summary>The share of frames that take long.</summary>
    public double Delayed { get; set; }

    public void Open(SiloAddress address, SimulatedTransport transport) => _open[address] = transport;

    public void Close(SiloAddress address) => _open.Remove(address);

    public SimulatedTransport? Find(SiloAddress address) => _open.GetValueOrDefault(address);

    /// <summary>Nothing gets from the one to the other.</summary>
    public void Cut(SimulatedProcess from, SimulatedProcess to) => _cuts.Add((from.Number, to.Number));

    public void Heal() => _cuts.Clear();

    /// <summary>Runs something on another process, as a frame that reaches it; false when it will not.</summary>
    public bool Carry(SimulatedProcess from, SimulatedProcess to, Action arrive)
    {
        if (IsCut(from, to) || Scheduler.Chance(Loss))
        {
            return false;
        }

        var travel = Scheduler.Chance(Delayed) ? Scheduler.Between(20, 1500) : Scheduler.Between(0.05, 2);
        Scheduler.After(travel, () =>
        {
            if (!IsCut(from, to))
            {
                to.Post(arrive);
            }
        });
        return true;
    }

    private bool IsCut(SimulatedProcess from, SimulatedProcess to) => _cuts.Contains((from.Number, to.Number));
}
