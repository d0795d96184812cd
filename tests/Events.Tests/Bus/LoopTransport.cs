using System.Threading.Channels;
using Vault.Events.Bus;

namespace Vault.Events.Tests.Bus;

/// <summary>Another process's end of a transport, held by the test.</summary>
internal sealed class LoopTransport : IEventTransport
{
    private readonly Channel<Action<Action<EventChannel, long>>> incoming =
        Channel.CreateUnbounded<Action<Action<EventChannel, long>>>();

    public string Name => "loop";

    public Channel<WakeUp[]> Sent { get; } = Channel.CreateUnbounded<WakeUp[]>();

    public Channel<bool> Listens { get; } = Channel.CreateUnbounded<bool>();

    public void Arrive(EventChannel channel, long number) => incoming.Writer.TryWrite(r => r(channel, number));

    public void Break() => incoming.Writer.TryWrite(_ => throw new IOException("cut"));

    public Task SendAsync(IReadOnlyList<WakeUp> news, CancellationToken cancellationToken)
    {
        Sent.Writer.TryWrite([.. news]);
        return Task.CompletedTask;
    }

    public async Task ListenAsync(
        Action listening, Action<EventChannel, long> received, CancellationToken cancellationToken)
    {
        listening();
        Listens.Writer.TryWrite(true);
        while (true) (await incoming.Reader.ReadAsync(cancellationToken))(received);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
