namespace Vault.Cluster.Tests.Roles;

/// <summary>One request of a <see cref="ProbeLoad"/>; times since the load began.</summary>
internal sealed record ProbeCall(int Worker, string What, TimeSpan Started, TimeSpan Ended, string? Failure)
{
    public TimeSpan Took => Ended - Started;

    public override string ToString() =>
        $"{What} of worker {Worker} at {Started.TotalSeconds:F3} s for {Took.TotalSeconds:F3} s: {Failure ?? "ok"}";
}
