namespace Vault.Architecture.Tests;

/// <summary>
/// A text that changes only on purpose: run with VAULT_UPDATE_SNAPSHOTS=1, look at the difference, commit it.
/// </summary>
internal static class Snapshot
{
    public static void Compare(string file, IEnumerable<string> lines)
    {
        var path = Path.Combine(Repository.Tests, file);
        var now = lines.ToList();
        if (Environment.GetEnvironmentVariable("VAULT_UPDATE_SNAPSHOTS") == "1")
        {
            File.WriteAllText(path, string.Concat(now.Select(line => line + "\n")));
        }

        var before = File.ReadAllLines(path);
        var gone = before.Except(now).Select(line => "- " + line);
        var come = now.Except(before).Select(line => "+ " + line);
        var difference = gone.Concat(come).ToList();
        Assert.True(
            difference.Count == 0 && before.SequenceEqual(now),
            $"{file} is out of date. If the change is meant, run with VAULT_UPDATE_SNAPSHOTS=1 and commit it with a "
            + "changelog line.\n"
            + string.Join('\n', difference));
    }
}
