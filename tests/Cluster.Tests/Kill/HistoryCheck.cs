namespace Vault.Cluster.Tests.Kill;

/// <summary>Everything that must hold of a history, in one place: also what hand-made bad ones go through.</summary>
internal static class HistoryCheck
{
    /// <summary>What is wrong; empty when nothing is.</summary>
    public static List<string> Run(KillHistory history)
    {
        List<string> faults = [.. history.Violations, .. CreatorCheck.Run(history)];
        if (history.Keys.Check() is { } violation) faults.Add(violation.Message);
        return faults;
    }
}
