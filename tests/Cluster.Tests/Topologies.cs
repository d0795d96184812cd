namespace Vault.Cluster.Tests;

/// <summary>
/// Whether the processes of a cluster are alike, as an argument (decisions §2.5). A long run tries everything in both
/// topologies, a short one in one of them.
/// </summary>
public static class Topologies
{
    /// <summary>Silos and front ends in processes of their own; alike too in a long run.</summary>
    public static TheoryData<bool> Separate => IsLong ? [false, true] : [false];

    /// <summary>Every role in every process; separate too in a long run.</summary>
    public static TheoryData<bool> Alike => IsLong ? [false, true] : [true];

    /// <summary>Whether <c>vault test --long</c> runs.</summary>
    public static bool IsLong => Environment.GetEnvironmentVariable("VAULT_TEST_LONG") == "1";
}
