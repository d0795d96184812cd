using System.Globalization;
using StackExchange.Redis;
using Vault.Events.Bus;

namespace Vault.Events.Redis;

/// <summary>Wake-ups over Redis pub/sub, for every process that has it.</summary>
internal sealed class RedisEvents(RedisLink link, TimeProvider time) : IEventTransport
{
    private const string Publish = """
        for i = 1, #KEYS do redis.call('PUBLISH', KEYS[i], ARGV[i]) end
        return 1
        """;

    /// <summary>Time after which the server is asked whether it is still there.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(2);

    public string Name => "redis";

    private string Prefix => link.Prefix + "wake:";

    public async Task SendAsync(IReadOnlyList<WakeUp> news, CancellationToken cancellationToken)
    {
        var (answered, _) = await link.TryAsync(
            RedisUse.Event, Publish, [.. news.Select(n => (RedisKey)(Prefix + n.Channel.Name()))],
            [.. news.Select(n => (RedisValue)n.Number)]);
        if (!answered) throw new IOException("Redis did not answer.");
    }

    public async Task ListenAsync(
        Action listening, Action<EventChannel, long> received, CancellationToken cancellationToken)
    {
        var connection = await link.ConnectedAsync(cancellationToken);
        var lost = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Lost(object? sender, ConnectionFailedEventArgs e)
        {
            if (e.ConnectionType == ConnectionType.Subscription) lost.TrySetResult();
        }

        var subscriber = connection.GetSubscriber();
        connection.ConnectionFailed += Lost;
        try
        {
            foreach (var channel in EventChannels.All)
            {
                var one = channel;
                await subscriber.SubscribeAsync(
                    RedisChannel.Literal(Prefix + one.Name()), (_, message) => Hear(one, message, received))
                    .WaitAsync(cancellationToken);
            }

            listening();
            while (await Task.WhenAny(lost.Task, Task.Delay(Silence, time, cancellationToken)) != lost.Task)
            {
                cancellationToken.ThrowIfCancellationRequested();
                await subscriber.PingAsync(); // a server that hangs loses no connection
            }

            throw new IOException("The connection to Redis was lost.");
        }
        finally
        {
            connection.ConnectionFailed -= Lost;
            subscriber.UnsubscribeAll(CommandFlags.FireAndForget);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static void Hear(EventChannel channel, RedisValue message, Action<EventChannel, long> received)
    {
        if (long.TryParse((string?)message, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            received(channel, number);
    }
}
