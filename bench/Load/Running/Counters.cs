namespace Vault.Load.Running;

/// <summary>What one connection has done while it was measured.</summary>
internal sealed class Counters
{
    public LatencyHistogram Latencies { get; } = new();

    public long Bytes { get; set; }

    public long ListedKeys { get; set; }

    public void Merge(Counters other)
    {
        Latencies.Merge(other.Latencies);
        Bytes += other.Bytes;
        ListedKeys += other.ListedKeys;
    }
}

/// <summary>The errors of all connections; the first few are kept in words.</summary>
internal sealed class ErrorLog
{
    private const int Kept = 10;
    private const int Hopeless = 100;

    private readonly Lock gate = new();
    private readonly List<string> messages = [];

    public long Count { get; private set; }

    /// <summary>True when going on makes no sense.</summary>
    public bool IsHopeless => Count >= Hopeless;

    public IReadOnlyList<string> Messages
    {
        get
        {
            lock (gate)
                return [.. messages];
        }
    }

    public void Add(string message)
    {
        lock (gate)
        {
            Count++;
            if (messages.Count < Kept)
                messages.Add(message);
        }
    }
}
