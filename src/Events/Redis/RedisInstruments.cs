using System.Diagnostics.Metrics;

namespace Vault.Events.Redis;

/// <summary>How Redis does, meter <c>Vault.Redis</c>.</summary>
internal sealed class RedisInstruments
{
    private readonly Counter<long> commands;
    private readonly Histogram<double> duration;
    private readonly Counter<long> records;
    private readonly Counter<long> dropped;
    private int connected;

    public RedisInstruments(IMeterFactory meters)
    {
        var meter = meters.Create("Vault.Redis");
        commands = meter.CreateCounter<long>(
            "vault.redis.commands", "{command}", "Commands by outcome; all but ok count as if Redis knew nothing");
        duration = meter.CreateHistogram<double>(
            "vault.redis.duration", "s", "Time of commands that were answered",
            advice: new InstrumentAdvice<double>
            {
                HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1],
            });
        records = meter.CreateCounter<long>(
            "vault.redis.records", "{read}", "Reads of sealed credential records by what was found");
        dropped = meter.CreateCounter<long>(
            "vault.redis.uncounted", "{request}", "Requests that shared limits did not count");
        meter.CreateObservableGauge(
            "vault.redis.connected", () => Volatile.Read(ref connected), "{connection}", "1 while Redis answers");
    }

    public void Connected(bool now) => Volatile.Write(ref connected, now ? 1 : 0);

    public void Ended(RedisUse use, RedisOutcome outcome, TimeSpan elapsed)
    {
        commands.Add(1, new("use", Text(use)), new("outcome", Text(outcome)));
        if (outcome == RedisOutcome.Ok)
            duration.Record(elapsed.TotalSeconds, new KeyValuePair<string, object?>("use", Text(use)));
    }

    public void Record(string found) => records.Add(1, new KeyValuePair<string, object?>("found", found));

    public void Uncounted(long count) => dropped.Add(count);

    private static string Text(RedisUse use) => use switch
    {
        RedisUse.Event => "event",
        RedisUse.Limit => "limit",
        RedisUse.Record => "record",
        _ => "probe",
    };

    private static string Text(RedisOutcome outcome) => outcome switch
    {
        RedisOutcome.Ok => "ok",
        RedisOutcome.Timeout => "timeout",
        RedisOutcome.Failed => "failed",
        _ => "skipped",
    };
}

/// <summary>What a command is for.</summary>
internal enum RedisUse
{
    Event,
    Limit,
    Record,
    Probe,
}

/// <summary>How a command ended.</summary>
internal enum RedisOutcome
{
    Ok,

    /// <summary>No answer in time; it may have been carried out.</summary>
    Timeout,

    /// <summary>An error, or a connection lost meanwhile.</summary>
    Failed,

    /// <summary>Not sent, because there is no connection.</summary>
    Skipped,
}
