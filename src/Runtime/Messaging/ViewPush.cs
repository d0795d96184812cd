using Vault.Runtime.Ownership;
using Vault.Runtime.Serialization;

namespace Vault.Runtime.Messaging;

/// <summary>
/// Views go from silos to clients: a silo tells each client the view that it knows when the client connects, and every
/// later one.
/// </summary>
internal sealed class ViewPush(ViewHolder views, PushedMembership? pushed)
{
    private readonly Lock _gate = new();
    private readonly HashSet<Link> _clients = [];

    /// <summary>A process has connected; a client is told the view.</summary>
    public void Connected(Link link)
    {
        if (!link.Address.IsClient)
        {
            return;
        }

        lock (_gate)
        {
            _clients.Add(link);
            if (views.Current.Number > 0)
            {
                Tell([link], views.Current);
            }
        }
    }

    public void Lost(Link link)
    {
        pushed?.Lost(link);
        lock (_gate)
        {
            _clients.Remove(link);
        }
    }

    /// <summary>Tells all clients a new view.</summary>
    public void Publish(ClusterView view)
    {
        lock (_gate)
        {
            if (_clients.Count > 0)
            {
                Tell(_clients, view);
            }
        }
    }

    /// <summary>A silo has told a view.</summary>
    public void Receive(Link from, ref CborReader reader) => pushed?.Told(from, ViewCodec.Read(ref reader));

    private static void Tell(IEnumerable<Link> clients, ClusterView view)
    {
        var buffer = FrameBuffer.Rent();
        ViewCodec.Write(buffer, view);
        foreach (var client in clients)
        {
            client.TrySend(buffer.Written);
        }

        buffer.Return();
    }
}
