using Vault.Testing.Histories;

namespace Vault.Cluster.Tests.Kill;

/// <summary>Of the creators that race for one key, exactly one wins.</summary>
internal static class CreatorCheck
{
    public static IEnumerable<string> Run(KillHistory history)
    {
        foreach (var race in history.Races)
        {
            var won = race.Count(o => o.Outcome == Outcome.Done);
            var unknown = race.Count(o => o.Outcome == Outcome.Unknown);
            var failed = race.All(o => o.Outcome == Outcome.Failed);
            if (won > 1 || (won == 0 && unknown == 0 && !failed))
                yield return $"{won} of {race.Count} creators won:\n  {string.Join("\n  ", race)}";
        }
    }
}
