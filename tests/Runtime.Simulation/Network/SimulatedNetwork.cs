using Vault.Runtime.Simulation.Scheduling;

namespace Vault.Runtime.Simulation.Network;

/// <summary>
/// Wires that delay, lose, reorder and cut: every frame takes a time of its own, so that any may overtake any other.
/// </summary>
internal sealed class SimulatedNetwork(Scheduler scheduler)
{
    private readonly Dictionary<SiloAddress, (SimulatedProcess Process, Action<ReadOnlyMemory<byte>> Receive)> _open =
        [];
    private readonly HashSet<(int From, int To)> _cuts = [];

    /// <summary>The share of frames that are lost.</summary>
    public double Loss { get; set; }

    /// <summary>The share of frames that take long.</summary>
    public double Delayed { get; set; }

    public void Open(SiloAddress address, SimulatedProcess process, Action<ReadOnlyMemory<byte>> receive) =>
        _open[address] = (process, receive);

    public void Close(SiloAddress address) => _open.Remove(address);

    /// <summary>Nothing gets from the one to the other.</summary>
    public void Cut(SimulatedProcess from, SimulatedProcess to) => _cuts.Add((from.Number, to.Number));

    public void Heal() => _cuts.Clear();

    public bool Knows(SiloAddress address) => _open.ContainsKey(address);

    public void Send(SimulatedProcess from, SiloAddress to, ReadOnlyMemory<byte> frame)
    {
        if (_open.TryGetValue(to, out var target))
        {
            Carry(from, target.Process, () =>
            {
                if (_open.TryGetValue(to, out var now) && ReferenceEquals(now.Process, target.Process))
                {
                    now.Receive(frame);
                }
            });
        }
    }

    /// <summary>Runs something on another process, as a frame that reaches it.</summary>
    public void Carry(SimulatedProcess from, SimulatedProcess to, Action arrive)
    {
        if (_cuts.Contains((from.Number, to.Number)) || scheduler.Chance(Loss))
        {
            return;
        }

        var travel = scheduler.Chance(Delayed) ? scheduler.Between(20, 1500) : scheduler.Between(0.05, 2);
        scheduler.After(travel, () =>
        {
            if (!_cuts.Contains((from.Number, to.Number)))
            {
                to.Post(arrive);
            }
        });
    }
}
