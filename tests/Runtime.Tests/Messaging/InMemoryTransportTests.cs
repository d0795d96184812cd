using System.Net;
using Vault.Runtime.Messaging;

namespace Vault.Runtime.Tests.Messaging;

public sealed class InMemoryTransportTests
{
    private static readonly SiloAddress s_client = SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 1), 1);
    private static readonly SiloAddress s_silo = SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 2), 1);

    [Fact]
    public async Task A_close_waits_for_the_answers_to_what_has_come()
    {
        var network = new InMemoryNetwork();
        var (asking, answering) = (new Inbox(), new Inbox());
        var client = new InMemoryTransport(network, TimeProvider.System);
        var silo = new InMemoryTransport(network, TimeProvider.System);
        client.Open(s_client, asking);
        silo.Open(s_silo, answering);
        Assert.True(client.Find(s_silo)!.TrySend([1]));
        var (from, _) = await answering.Next;

        var closed = silo.CloseAsync();
        Assert.False(client.Find(s_silo)!.TrySend([2]));
        Assert.False(closed.IsCompleted);
        Assert.True(from.TrySend([3]));
        from.CallEnded();
        await closed;

        Assert.Equal([3], (await asking.Next).Frame);
        Assert.Null(silo.Find(s_client));
        Assert.False(from.TrySend([4]));
    }

    /// <summary>Takes each frame for a call.</summary>
    private sealed class Inbox : ITransportUser
    {
        private readonly TaskCompletionSource<(Link From, byte[] Frame)> _next =
            new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<(Link From, byte[] Frame)> Next => _next.Task;

        public void Receive(Link from, ReadOnlySpan<byte> frame)
        {
            from.CallOpened();
            _next.SetResult((from, frame.ToArray()));
        }

        public void Connected(Link link)
        {
        }

        public void Lost(Link link)
        {
        }
    }
}
