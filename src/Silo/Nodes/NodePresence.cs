namespace Vault.Silo.Nodes;

/// <summary>Whether writers know this node: only then may another be stopped, as a rolling restart does.</summary>
internal sealed class NodePresence(TimeProvider time)
{
    /// <summary>
    /// Twice the time in which every other process asks for the map, and the time to try the node again.
    /// </summary>
    private static readonly TimeSpan Heard = TimeSpan.FromMilliseconds(1500);

    private const long Unknown = -1;
    private long _since = Unknown;

    /// <summary>The directory has had this node for long enough that every process of the cluster has it.</summary>
    public bool IsKnown => Volatile.Read(ref _since) is var since && since != Unknown
        && time.GetElapsedTime(since) >= Heard;

    /// <summary>The directory took it, or has it no more.</summary>
    public void Registered(bool registered) =>
        Volatile.Write(ref _since, registered ? time.GetTimestamp() : Unknown);
}
