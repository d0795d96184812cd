using System.Numerics;

namespace Vault.Load.Running;

/// <summary>Counts durations in buckets that are at most 1.6 % wide; one per thread, merged at the end.</summary>
internal sealed class LatencyHistogram
{
    private const int Exact = 128;
    private const int Steps = 64;
    private const int TicksPerMicrosecond = 10;

    private readonly long[] buckets = new long[Exact + (Steps * 58)];

    public long Count { get; private set; }

    public void Add(TimeSpan duration)
    {
        buckets[IndexOf(Math.Max(0, duration.Ticks))]++;
        Count++;
    }

    public void Merge(LatencyHistogram other)
    {
        for (var i = 0; i < buckets.Length; i++)
            buckets[i] += other.buckets[i];
        Count += other.Count;
    }

    /// <summary>Microseconds that the given share of all durations does not pass; 0 when there are none.</summary>
    public double Percentile(double share)
    {
        var rank = (long)Math.Ceiling(share * Count);
        long seen = 0;
        for (var i = 0; i < buckets.Length; i++)
        {
            seen += buckets[i];
            if (seen >= rank && seen > 0)
                return (double)UpperBound(i) / TicksPerMicrosecond;
        }

        return 0;
    }

    private static int IndexOf(long ticks)
    {
        if (ticks < Exact)
            return (int)ticks;
        var exponent = BitOperations.Log2((ulong)ticks);
        return Exact + ((exponent - 7) * Steps) + (int)((ticks >> (exponent - 6)) & (Steps - 1));
    }

    private static long UpperBound(int index)
    {
        if (index < Exact)
            return index;
        var exponent = ((index - Exact) / Steps) + 7;
        var step = (index - Exact) % Steps;
        return ((long)(Steps + step + 1) << (exponent - 6)) - 1;
    }
}
