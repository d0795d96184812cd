using Vault.Runtime.Messaging;
using Vault.Runtime.Simulation.Scheduling;

namespace Vault.Runtime.Simulation.Network;

/// <summary>A process's end of the <see cref="SimulatedNetwork"/>.</summary>
internal sealed class SimulatedTransport(SimulatedNetwork network, SimulatedProcess process) : ITransport
{
    private readonly Dictionary<SiloAddress, SimulatedLink> _links = [];
    private readonly List<SimulatedLink> _all = [];
    private ITransportUser? _user;
    private bool _closing;

    public SiloAddress? Self { get; private set; }

    public SimulatedProcess Process => process;

    public SimulatedNetwork Network => network;

    public void Open(SiloAddress self, ITransportUser user)
    {
        (Self, _user, _closing) = (self, user, false);
        network.Open(self, this);
    }

    public Link? Find(SiloAddress to)
    {
        if (Self is null)
        {
            return null;
        }

        if (_links.TryGetValue(to, out var link) && !link.IsLost)
        {
            return link;
        }

        return network.Find(to) is { } other ? Add(new SimulatedLink(this, other, to)) : null;
    }

    public async Task CloseAsync()
    {
        _closing = true;
        await Task.Delay(TimeSpan.FromMilliseconds(20), process.Clock);
        Abort();
    }

    public void Abort()
    {
        if (Self is not { } self)
        {
            return;
        }

        Self = null;
        if (ReferenceEquals(network.Find(self), this))
        {
            network.Close(self);
        }

        foreach (var link in _all)
        {
            link.Break();
        }

        _links.Clear();
        _all.Clear();
    }

    /// <summary>The end here of a connection that another process has made.</summary>
    public SimulatedLink Accept(SimulatedLink other)
    {
        var link = Add(new SimulatedLink(this, other.Near, other.From));
        _user!.Connected(link);
        return link;
    }

    public void Receive(SimulatedLink from, byte[] frame)
    {
        if (Self is not null && !_closing && !from.IsLost)
        {
            _user!.Receive(from, frame);
        }
    }

    public void Lost(SimulatedLink link)
    {
        _all.Remove(link);
        if (_links.TryGetValue(link.Address, out var current) && ReferenceEquals(current, link))
        {
            _links.Remove(link.Address);
        }

        _user?.Lost(link);
    }

    private SimulatedLink Add(SimulatedLink link)
    {
        _all.Add(link);
        _links[link.Address] = link;
        return link;
    }
}
