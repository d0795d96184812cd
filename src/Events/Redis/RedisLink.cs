using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Vault.Events.Redis;

/// <summary>
/// The connection of this process to Redis. Redis is never truth: a command ends within <see cref="Patience"/> or
/// counts as if Redis knew nothing, and while it does not answer nothing is sent but one probe a second.
/// </summary>
public sealed partial class RedisLink : IHostedService, IAsyncDisposable
{
    /// <summary>Longest time that anything waits for Redis.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    private const int MaxInFlight = 1024;
    private static readonly TimeSpan ProbePeriod = TimeSpan.FromSeconds(1);

    private readonly RedisAddress address;
    private readonly RedisInstruments instruments;
    private readonly TimeProvider time;
    private readonly ILogger<RedisLink> logger;
    private readonly RedisCircuit circuit;
    private readonly CancellationTokenSource stop = new();
    private readonly TaskCompletionSource<ConnectionMultiplexer> connecting =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ConnectionMultiplexer? connection;
    private Task running = Task.CompletedTask;
    private int inFlight;
    private int disposed;
    private bool away;

    internal RedisLink(
        RedisAddress address, string prefix, RedisInstruments instruments, TimeProvider time,
        ILogger<RedisLink> logger)
    {
        (this.address, Prefix, this.instruments) = (address, prefix, instruments);
        (this.time, this.logger, circuit) = (time, logger, new RedisCircuit(time));
    }

    /// <summary>What the names of this cluster begin with.</summary>
    internal string Prefix { get; }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        running = RunAsync(stop.Token);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await stop.CancelAsync();
        await running;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0) return; // the container knows it by two names
        await stop.CancelAsync();
        await running;
        connecting.TrySetCanceled(CancellationToken.None);
        connection?.Dispose();
        stop.Dispose();
    }

    /// <summary>Asks once, as a check of the settings; the answer says what is wrong, or is null.</summary>
    public static async Task<string?> ProbeAsync(RedisAddress address, CancellationToken cancellationToken)
    {
        try
        {
            using var connection = await ConnectionMultiplexer.ConnectAsync(Options(address, abort: true))
                .WaitAsync(TimeSpan.FromSeconds(5), cancellationToken);
            await connection.GetDatabase().PingAsync().WaitAsync(TimeSpan.FromSeconds(2), cancellationToken);
            return null;
        }
        catch (Exception e) when (IsTrouble(e))
        {
            return e.Message;
        }
    }

    /// <summary>The connection once there is one; it mends itself.</summary>
    internal Task<ConnectionMultiplexer> ConnectedAsync(CancellationToken cancellationToken) =>
        connecting.Task.WaitAsync(cancellationToken);

    /// <summary>
    /// Sends a script. False when there is no answer: then nothing is known, and it may yet be carried out.
    /// </summary>
    internal async ValueTask<(bool Answered, RedisResult? Result)> TryAsync(
        RedisUse use, string script, RedisKey[] keys, RedisValue[] values)
    {
        if (Volatile.Read(ref connection) is not { IsConnected: true } open || !circuit.Allows()
            || Volatile.Read(ref inFlight) >= MaxInFlight)
        {
            instruments.Ended(use, RedisOutcome.Skipped, default);
            return default;
        }

        var began = time.GetTimestamp();
        try
        {
            Interlocked.Increment(ref inFlight);
            var sent = open.GetDatabase().ScriptEvaluateAsync(script, keys, values, CommandFlags.NoScriptCache);
            _ = sent.ContinueWith(
                static (task, link) =>
                {
                    _ = task.Exception; // seen below, if anybody still waits
                    Interlocked.Decrement(ref ((RedisLink)link!).inFlight);
                },
                this, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            var result = await sent.WaitAsync(Patience, time);
            circuit.Succeeded();
            instruments.Ended(use, RedisOutcome.Ok, time.GetElapsedTime(began));
            return (true, result);
        }
        catch (Exception e) when (IsTrouble(e))
        {
            circuit.Failed();
            instruments.Ended(
                use, e is TimeoutException ? RedisOutcome.Timeout : RedisOutcome.Failed, time.GetElapsedTime(began));
            LogFailed(use, e.Message);
            return default;
        }
    }

    private static bool IsTrouble(Exception e) =>
        e is RedisException or TimeoutException or IOException or ObjectDisposedException or InvalidOperationException
            or OperationCanceledException or System.Net.Sockets.SocketException or AggregateException;

    private static ConfigurationOptions Options(RedisAddress address, bool abort) => new()
    {
        EndPoints = { { address.Host, address.Port } },
        Password = address.Password,
        DefaultDatabase = address.Database,
        Ssl = address.Tls,
        SslHost = address.Tls ? address.Host : null,
        ClientName = "vault",
        AbortOnConnectFail = abort,
        ConnectRetry = 1,
        ConnectTimeout = 1000,
        SyncTimeout = 1000,
        KeepAlive = 2,
        ReconnectRetryPolicy = new LinearRetry(500),
        TieBreaker = "",
        ConfigurationChannel = "",
    };

    /// <summary>Connects, then asks every second: that is what closes the circuit when nothing else is sent.</summary>
    private async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                if (connection is null) await ConnectAsync();
                var (answered, _) = await TryAsync(RedisUse.Probe, "return 1", [], []);
                Report(answered);
            }
            catch (Exception e) when (IsTrouble(e))
            {
                LogFailed(RedisUse.Probe, e.Message);
                Report(answered: false);
            }

            await Task.Delay(ProbePeriod, time, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ConnectAsync()
    {
        var open = await ConnectionMultiplexer.ConnectAsync(Options(address, abort: false));
        open.PreserveAsyncOrder = false;
        Volatile.Write(ref connection, open);
        connecting.TrySetResult(open);
    }

    private void Report(bool answered)
    {
        instruments.Connected(answered);
        if (answered && away) LogBack(address.ToString());
        else if (!answered && !away) LogAway(address.ToString());
        away = !answered;
    }

    [LoggerMessage(EventId = 1411, Level = LogLevel.Warning,
        Message = "Redis at {Address} does not answer; everything goes on without it, slower")]
    private partial void LogAway(string address);

    [LoggerMessage(EventId = 1412, Level = LogLevel.Information, Message = "Redis at {Address} answers again")]
    private partial void LogBack(string address);

    [LoggerMessage(EventId = 1413, Level = LogLevel.Debug, Message = "Redis, {Use}: {Problem}")]
    private partial void LogFailed(RedisUse use, string problem);
}
