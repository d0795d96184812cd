namespace Vault.Events.Redis;

/// <summary>
/// Opens after a few failures in a row, so that requests do not wait for what does not answer; then lets one through a
/// second, and closes with the first answer.
/// </summary>
internal sealed class RedisCircuit(TimeProvider time)
{
    public const int Failures = 3;

    public static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);

    private readonly long began = time.GetTimestamp();
    private int failures;
    private long probeAt;

    /// <summary>True when a command may be tried now.</summary>
    public bool Allows()
    {
        if (Volatile.Read(ref failures) < Failures) return true;
        var due = Volatile.Read(ref probeAt);
        var now = time.GetElapsedTime(began).Ticks;
        return now >= due && Interlocked.CompareExchange(ref probeAt, now + Rest.Ticks, due) == due;
    }

    public void Succeeded() => Volatile.Write(ref failures, 0);

    public void Failed()
    {
        if (Interlocked.Increment(ref failures) >= Failures)
            Volatile.Write(ref probeAt, (time.GetElapsedTime(began) + Rest).Ticks);
    }
}
