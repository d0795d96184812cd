namespace Vault.Runtime.Ownership;

/// <summary>
/// Until when this silo may answer, on a clock that runs on while the process is stopped. Endless where nothing can
/// take grains away, which costs one comparison per call.
/// </summary>
internal sealed class Lease
{
    private const long Endless = long.MaxValue;
    private const long Ended = long.MinValue;
    private long _ends = Endless;
    private long _endedAt;
    private TimeProvider _clock = TimeProvider.System;

    /// <summary>Whether it runs now. True also promises that it ran until the question was asked.</summary>
    public bool IsValid => Volatile.Read(ref _ends) is var ends && (ends == Endless || _clock.GetTimestamp() < ends);

    /// <summary>What is left; nothing when it is over.</summary>
    public TimeSpan Remaining
    {
        get
        {
            var ends = Volatile.Read(ref _ends);
            if (ends is Endless or Ended)
            {
                return ends == Endless ? TimeSpan.MaxValue : TimeSpan.Zero;
            }

            var left = _clock.GetElapsedTime(_clock.GetTimestamp(), ends);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    /// <summary>For how long it has been over; nothing while it runs.</summary>
    public TimeSpan Over
    {
        get
        {
            var ends = Volatile.Read(ref _ends);
            if (ends == Endless)
            {
                return TimeSpan.Zero;
            }

            var over = _clock.GetElapsedTime(ends == Ended ? Volatile.Read(ref _endedAt) : ends);
            return over > TimeSpan.Zero ? over : TimeSpan.Zero;
        }
    }

    /// <summary>Ends it; it begins with the silo's first renewal on this clock.</summary>
    public void Require(TimeProvider clock)
    {
        _clock = clock;
        End();
    }

    /// <summary>Begins the lease of a new generation.</summary>
    public void Begin(long sentAt, TimeSpan length) => Volatile.Write(ref _ends, End(sentAt, length));

    /// <summary>Goes on after a renewal; false when it has been ended.</summary>
    public bool TryExtend(long sentAt, TimeSpan length)
    {
        var next = End(sentAt, length);
        while (true)
        {
            var ends = Volatile.Read(ref _ends);
            if (ends == Ended)
            {
                return false;
            }

            if (ends >= next || Interlocked.CompareExchange(ref _ends, next, ends) == ends)
            {
                return true;
            }
        }
    }

    /// <summary>No outcome may leave any more.</summary>
    public void End()
    {
        var ends = Volatile.Read(ref _ends);
        if (ends != Ended)
        {
            Volatile.Write(ref _endedAt, Math.Min(ends, _clock.GetTimestamp()));
            Volatile.Write(ref _ends, Ended);
        }
    }

    private long End(long sentAt, TimeSpan length) =>
        sentAt + (long)(length.TotalSeconds * _clock.TimestampFrequency);
}
