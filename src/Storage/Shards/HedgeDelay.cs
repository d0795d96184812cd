namespace Vault.Storage.Shards;

/// <summary>
/// After how long a second read is worth its cost: follows the 95th percentile of what reads took, one step at a time.
/// </summary>
internal sealed class HedgeDelay
{
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private double _seconds = 0.1;

    /// <summary>The delay now.</summary>
    public TimeSpan Now
    {
        get { lock (_gate) return TimeSpan.FromSeconds(_seconds * 1.5); }
    }

    /// <summary>One read took this long.</summary>
    public void Took(TimeSpan time)
    {
        lock (_gate)
        {
            var step = _seconds * 0.05;
            _seconds += time.TotalSeconds > _seconds ? step * 0.95 : -step * 0.05;
            _seconds = Math.Clamp(_seconds, Least.TotalSeconds, Most.TotalSeconds);
        }
    }
}
