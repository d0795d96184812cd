using Vault.Runtime.Messaging;

namespace Vault.Runtime.Simulation.Network;

/// <summary>
/// One end of a connection. Its process may be stopped before any frame leaves; frames leave one after the other, and
/// each then travels on its own. When one is lost the connection breaks, some time later or never.
/// </summary>
internal sealed class SimulatedLink(SimulatedTransport near, SimulatedTransport far, SiloAddress to) : Link
{
    private SimulatedLink? _peer;
    private long _position;
    private long _handedOver;
    private long _leaves;

    public override SiloAddress Address => to;

    /// <summary>The address by which the process at this end goes.</summary>
    public SiloAddress From { get; } = near.Self!;

    public SimulatedTransport Near => near;

    public bool IsLost { get; private set; }

    public override long HandedOver => _handedOver;

    public override bool TrySend(ReadOnlySpan<byte> frame, ref long position)
    {
        near.Process.PausePoint();
        if (IsLost)
        {
            return false;
        }

        position = _position;
        var behind = _position += frame.Length;
        var bytes = frame.ToArray();
        var scheduler = near.Network.Scheduler;
        _leaves = Math.Max(_leaves, scheduler.Now + scheduler.Between(0, 0.5).Ticks);
        scheduler.At(_leaves, () =>
        {
            // a process that is stopped sends nothing: the frame waits for it
            if (!IsLost && !near.Process.IsDead)
            {
                near.Process.Post(() => Leave(bytes, behind));
            }
        });
        return true;
    }

    /// <summary>Ends the connection; each end hears of it in its own time.</summary>
    public void Break()
    {
        var scheduler = near.Network.Scheduler;
        scheduler.After(scheduler.Between(0.1, 50), () => End());
        scheduler.After(scheduler.Between(0.1, 50), () => _peer?.End());
    }

    private void Leave(byte[] bytes, long behind)
    {
        if (IsLost)
        {
            return;
        }

        _handedOver = Math.Max(_handedOver, behind);
        var scheduler = near.Network.Scheduler;
        if (!near.Network.Carry(near.Process, far.Process, () => Arrive(bytes)) && scheduler.Chance(0.5))
        {
            scheduler.After(scheduler.Between(10, 3000), Break);
        }
    }

    private void Arrive(byte[] bytes)
    {
        if (_peer is null)
        {
            if (!to.Equals(far.Self))
            {
                Break(); // whoever listens there now is not the one that was meant
                return;
            }

            _peer = far.Accept(this);
            _peer._peer = this;
        }

        far.Receive(_peer, bytes);
    }

    private void End()
    {
        if (!IsLost && !near.Process.IsDead)
        {
            near.Process.Post(() =>
            {
                if (!IsLost)
                {
                    IsLost = true;
                    near.Lost(this);
                }
            });
        }
    }
}
