namespace Vault.Testing.Histories;

/// <summary>Makes a violation small enough to read.</summary>
internal static class Explanation
{
    public static Violation Of(string key, IReadOnlyList<Operation> operations, Operation bad)
    {
        // what was called after the answer that can't be explained has nothing to do with it
        var kept = operations.Where(o => o.Called < bad.Answered).ToList();
        var ignored = kept.Where(o => o.Answered > bad.Answered).ToHashSet();
        for (var size = kept.Count; size > 0; size /= 2)
        {
            for (var from = 0; from < kept.Count; from += size)
            {
                var tried = kept.Skip(from).Take(size).Where(o => !ignored.Contains(o)).ToList();
                ignored.UnionWith(tried);
                if (tried.Count > 0 && RegisterCheck.FirstBad(kept, ignored.Contains) is null)
                {
                    ignored.ExceptWith(tried);
                }
            }
        }

        var read = kept.Where(o => !ignored.Contains(o)).Select(o => o.Value).ToHashSet();
        var left = kept.Where(o => !ignored.Contains(o) || (o.Writes && o.Value is not null && read.Contains(o.Value)))
            .OrderBy(o => o.Called).ToList();
        return new Violation(
            key, left, $"no order explains what was answered about {key}:\n  " + string.Join("\n  ", left));
    }
}
