using Vault.Runtime.Messaging;
using Vault.Runtime.Simulation.Scheduling;

namespace Vault.Runtime.Simulation.Network;

/// <summary>A process's end of the <see cref="SimulatedNetwork"/>. It may be stopped before any frame leaves.</summary>
internal sealed class SimulatedTransport(SimulatedNetwork network, SimulatedProcess process) : ITransport
{
    private SiloAddress? _self;

    public void Open(SiloAddress self, Action<ReadOnlyMemory<byte>> receive)
    {
        _self = self;
        network.Open(self, process, receive);
    }

    public bool TrySend(SiloAddress to, ReadOnlyMemory<byte> frame)
    {
        process.PausePoint();
        if (_self is null || !network.Knows(to))
        {
            return false;
        }

        network.Send(process, to, frame);
        return true;
    }

    public Task CloseAsync()
    {
        Abort();
        return Task.CompletedTask;
    }

    public void Abort()
    {
        if (_self is { } self)
        {
            network.Close(self);
            _self = null;
        }
    }
}
