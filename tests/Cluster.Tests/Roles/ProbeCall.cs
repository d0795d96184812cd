namespace Vault.Cluster.Tests.Roles;

/// <summary>One request of a <see cref="ProbeLoad"/>; times since the load began.</summary>
internal sealed record ProbeCall(int Worker, string What, TimeSpan Started, TimeSpan Ended, string? Failure)
{
    /// <summary>How the failure begins of a read that was behind what had been acknowledged.</summary>
    public const string Stale = "stale:";

    public bool IsStale => Failure?.StartsWith(Stale, StringComparison.Ordinal) == true;

    public TimeSpan Took => Ended - Started;

    public override string ToString() =>
        $"{What} of worker {Worker} at {Started.TotalSeconds:F3} s for {Took.TotalSeconds:F3} s: {Failure ?? "ok"}";
}
