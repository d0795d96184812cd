using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using StackExchange.Redis.Availability;

namespace Vault.Events.Redis;

/// <summary>
/// The connection of this process to Redis, which mends itself. Redis is never truth: a command ends within
/// <see cref="Patience"/> or counts as if Redis knew nothing. The library gives up a connection on which most get no
/// answer; nothing is sent until another one works.
/// </summary>
public sealed partial class RedisLink : IHostedService, IAsyncDisposable
{
    /// <summary>Longest time that anything waits for Redis.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    private const int MaxInFlight = 1024;

    /// <summary>
    /// How often the library looks for commands that have waited too long, and counts them against the connection.
    /// </summary>
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan ProbePeriod = TimeSpan.FromSeconds(1);

    private readonly RedisAddress address;
    private readonly RedisInstruments instruments;
    private readonly TimeProvider time;
    private readonly ILogger<RedisLink> logger;
    private readonly CancellationTokenSource stop = new();

    private Task<ConnectionMultiplexer> connecting = Task.FromCanceled<ConnectionMultiplexer>(new(canceled: true));
    private Task probing = Task.CompletedTask;
    private int inFlight;
    private int disposed;
    private bool away;

    internal RedisLink(
        RedisAddress address, string prefix, RedisInstruments instruments, TimeProvider time,
        ILogger<RedisLink> logger) =>
        (this.address, Prefix, this.instruments, this.time, this.logger) =
        (address, prefix, instruments, time, logger);

    /// <summary>What the names of this cluster begin with.</summary>
    internal string Prefix { get; }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        connecting = ConnectAsync();
        probing = ProbeAsync(stop.Token);
        return Task.CompletedTask; // nothing waits for Redis
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await stop.CancelAsync();
        await probing;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0) return; // the container knows it by two names
        await StopAsync(CancellationToken.None);
        stop.Dispose();
        if (connecting.IsCompletedSuccessfully) await connecting.Result.DisposeAsync();
    }

    /// <summary>Asks once, as a check of the settings; the answer says what is wrong, or is null.</summary>
    public static async Task<string?> ProbeAsync(RedisAddress address, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await ConnectionMultiplexer.ConnectAsync(address.Options())
                .WaitAsync(TimeSpan.FromSeconds(10), cancellationToken);
            await connection.GetDatabase().PingAsync().WaitAsync(cancellationToken);
            return null;
        }
        catch (Exception e) when (IsTrouble(e))
        {
            return e.Message;
        }
    }

    /// <summary>The connection once it was tried; it mends itself.</summary>
    internal Task<ConnectionMultiplexer> ConnectedAsync(CancellationToken cancellationToken) =>
        connecting.WaitAsync(cancellationToken);

    /// <summary>
    /// Sends a script. False when there is no answer: then nothing is known, and it may yet be carried out.
    /// </summary>
    internal async ValueTask<(bool Answered, RedisResult? Result)> TryAsync(
        RedisUse use, string script, RedisKey[] keys, RedisValue[] values)
    {
        if (connecting is not { IsCompletedSuccessfully: true, Result: { IsConnected: true } open }
            || Volatile.Read(ref inFlight) >= MaxInFlight)
        {
            instruments.Ended(use, RedisOutcome.Skipped, default);
            return default;
        }

        var began = time.GetTimestamp();
        try
        {
            var result = await SendAsync(open, script, keys, values).WaitAsync(Patience, time);
            instruments.Ended(use, RedisOutcome.Ok, time.GetElapsedTime(began));
            return (true, result);
        }
        catch (Exception e) when (IsTrouble(e))
        {
            instruments.Ended(
                use, e is TimeoutException ? RedisOutcome.Timeout : RedisOutcome.Failed, time.GetElapsedTime(began));
            LogFailed(use, e.Message);
            return default;
        }
    }

    /// <summary>Counts as in flight until the library has given it up, however long its caller waits.</summary>
    private async Task<RedisResult> SendAsync(
        ConnectionMultiplexer open, string script, RedisKey[] keys, RedisValue[] values)
    {
        Interlocked.Increment(ref inFlight);
        try
        {
            return await open.GetDatabase().ScriptEvaluateAsync(script, keys, values, CommandFlags.NoScriptCache);
        }
        finally
        {
            Interlocked.Decrement(ref inFlight);
        }
    }

    private static bool IsTrouble(Exception e) =>
        e is RedisException or TimeoutException or IOException or ObjectDisposedException or InvalidOperationException
            or OperationCanceledException or System.Net.Sockets.SocketException or AggregateException;

    private Task<ConnectionMultiplexer> ConnectAsync()
    {
        var options = address.Options();
        options.AbortOnConnectFail = false;
        options.ConnectTimeout = 1000;
        options.SyncTimeout = (int)Patience.TotalMilliseconds; // of everything, the asynchronous too
        options.HeartbeatInterval = Tick;
        options.CircuitBreaker = new CircuitBreaker.Builder
        {
            MinimumNumberOfFailures = 3, FailureRateThreshold = 50, MetricsWindowSize = TimeSpan.FromSeconds(1),
        };
        options.ReconnectRetryPolicy = new LinearRetry(500);
        return ConnectionMultiplexer.ConnectAsync(options);
    }

    /// <summary>Asks every second: a connection on which nothing is sent is not missed by the library.</summary>
    private async Task ProbeAsync(CancellationToken cancellationToken)
    {
        await ((Task)connecting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        while (!cancellationToken.IsCancellationRequested)
        {
            var (answered, _) = await TryAsync(RedisUse.Probe, "return 1", [], []);
            instruments.Connected(answered);
            if (answered && away) LogBack(address.ToString());
            else if (!answered && !away) LogAway(address.ToString());
            away = !answered;
            await Task.Delay(ProbePeriod, time, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(EventId = 1411, Level = LogLevel.Warning,
        Message = "Redis at {Address} does not answer; everything goes on without it, slower")]
    private partial void LogAway(string address);

    [LoggerMessage(EventId = 1412, Level = LogLevel.Information, Message = "Redis at {Address} answers again")]
    private partial void LogBack(string address);

    [LoggerMessage(EventId = 1413, Level = LogLevel.Debug, Message = "Redis, {Use}: {Problem}")]
    private partial void LogFailed(RedisUse use, string problem);
}
