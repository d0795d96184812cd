using Vault.Runtime.Simulation.Database;

namespace Vault.Runtime.Simulation.Cluster;

/// <summary>
/// Watches every commit: it must be decided on the very state that it replaces, and under the fence that is the newest
/// when it is committed, so that only one activation commits per grain and fence.
/// </summary>
internal sealed class CommitWatch
{
    private readonly RowStore _rows;

    public CommitWatch(DatabaseServer database)
    {
        _rows = database.Rows;
        database.Committing += Check;
    }

    public int Commits { get; private set; }

    public string? Violation { get; private set; }

    private void Check(IReadOnlyList<Statement> statements)
    {
        foreach (var statement in statements)
        {
            if (statement.Kind == StatementKind.Write)
            {
                Commits++;
                var version = _rows.Committed(FencedRows.States, statement.Key)?.Number ?? 0;
                if (statement.Number != version + 1)
                {
                    Violation ??= $"commit {statement.Number} of {statement.Key} replaces version {version}, which it "
                        + "was not decided on";
                }
            }
            else if (statement.Kind is StatementKind.Check or StatementKind.CheckLocked
                && _rows.Committed(FencedRows.Fences, statement.Key) is { } fence && fence.Number != statement.Number)
            {
                Violation ??= $"{statement.Key} is committed under fence {statement.Number}, and the newest is "
                    + fence.Number;
            }
        }
    }
}
