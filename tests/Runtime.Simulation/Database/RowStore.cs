namespace Vault.Runtime.Simulation.Database;

/// <summary>
/// Rows under READ COMMITTED with row locks, as PostgreSQL has them: an upsert holds its row until the transaction
/// ends, <c>for share</c> keeps others from writing it, a plain read sees what is committed. Of several that wait for a
/// row any may be next, as in PostgreSQL. <see cref="PostgresComparison"/> holds it against the real one.
/// </summary>
internal sealed class RowStore(Random random)
{
    private readonly Dictionary<(string Table, string Key), Row> _rows = [];

    /// <summary>What is committed.</summary>
    public StoredRow? Committed(string table, string key) => RowOf(table, key).Committed;

    /// <summary>Runs a statement; null when it waits for a lock.</summary>
    public StatementResult? Execute(Transaction transaction, Statement statement)
    {
        var row = RowOf(statement.Table, statement.Key);
        var seen = Seen(transaction, row);
        switch (statement.Kind)
        {
            case StatementKind.Read:
                return new StatementResult(seen);
            case StatementKind.Check:
                return new StatementResult(seen?.Number == statement.Number ? seen : null);
            case StatementKind.CheckLocked when seen?.Number != statement.Number:
                return new StatementResult(null);
            default:
                if (!Take(transaction, row, statement.Kind == StatementKind.CheckLocked))
                {
                    row.Waiting.Add((transaction, statement));
                    transaction.WaitsFor = row;
                    return null;
                }

                return Finish(transaction, row, statement);
        }
    }

    /// <summary>Makes its writes visible and lets go of its locks.</summary>
    /// <returns>Those that waited for it, each with what its statement came to.</returns>
    public List<(Transaction Transaction, StatementResult Result)> Commit(Transaction transaction)
    {
        foreach (var (row, value) in transaction.Writes)
        {
            row.Committed = value;
        }

        return Release(transaction);
    }

    /// <summary>Drops its writes and lets go of its locks; what it waited for it gets no more.</summary>
    public List<(Transaction Transaction, StatementResult Result)> Rollback(Transaction transaction)
    {
        if (transaction.WaitsFor is { } row)
        {
            transaction.WaitsFor = null;
            row.Waiting.RemoveAll(w => ReferenceEquals(w.Transaction, transaction));
            transaction.Locked.Add(row);
        }

        return Release(transaction);
    }

    private static StoredRow? Seen(Transaction transaction, Row row) =>
        transaction.Writes.TryGetValue(row, out var own) ? own : row.Committed;

    private static bool Take(Transaction transaction, Row row, bool share)
    {
        if (share ? !row.MayShare(transaction) : !row.MayWrite(transaction))
        {
            return false;
        }

        if (share)
        {
            row.Sharers.Add(transaction);
        }
        else
        {
            row.Writer = transaction;
        }

        transaction.Locked.Add(row);
        return true;
    }

    private static StatementResult Finish(Transaction transaction, Row row, Statement statement)
    {
        var seen = Seen(transaction, row);
        switch (statement.Kind)
        {
            case StatementKind.CheckLocked:
                // after a wait the condition is looked at again; the lock stays
                return new StatementResult(seen?.Number == statement.Number ? seen : null);
            case StatementKind.Raise:
                seen = new StoredRow((seen?.Number ?? 0) + 1, null);
                break;
            default:
                seen = new StoredRow(statement.Number, statement.Value);
                break;
        }

        transaction.Writes[row] = seen;
        return new StatementResult(seen);
    }

    private List<(Transaction, StatementResult)> Release(Transaction transaction)
    {
        var served = new List<(Transaction, StatementResult)>();
        foreach (var row in transaction.Locked)
        {
            row.Sharers.Remove(transaction);
            row.Writer = ReferenceEquals(row.Writer, transaction) ? null : row.Writer;
        }

        foreach (var row in transaction.Locked)
        {
            while (NextOf(row) is { } next)
            {
                row.Waiting.Remove(next);
                next.Transaction.WaitsFor = null;
                served.Add((next.Transaction, Finish(next.Transaction, row, next.Statement)));
            }
        }

        transaction.Locked.Clear();
        transaction.Writes.Clear();
        return served;
    }

    private (Transaction Transaction, Statement Statement)? NextOf(Row row)
    {
        foreach (var waiting in row.Waiting.OrderBy(_ => random.Next()).ToList())
        {
            if (Take(waiting.Transaction, row, waiting.Statement.Kind == StatementKind.CheckLocked))
            {
                return waiting;
            }
        }

        return null;
    }

    private Row RowOf(string table, string key)
    {
        if (!_rows.TryGetValue((table, key), out var row))
        {
            _rows.Add((table, key), row = new Row());
        }

        return row;
    }

    internal sealed class Row
    {
        public StoredRow? Committed { get; set; }

        public Transaction? Writer { get; set; }

        public HashSet<Transaction> Sharers { get; } = [];

        public List<(Transaction Transaction, Statement Statement)> Waiting { get; } = [];

        public bool MayShare(Transaction by) => Writer is null || ReferenceEquals(Writer, by);

        public bool MayWrite(Transaction by) => MayShare(by) && Sharers.All(s => ReferenceEquals(s, by));
    }
}

/// <summary>A transaction that has begun and not ended.</summary>
internal sealed class Transaction
{
    public Dictionary<RowStore.Row, StoredRow> Writes { get; } = [];

    public HashSet<RowStore.Row> Locked { get; } = [];

    /// <summary>The row whose lock a statement of it waits for.</summary>
    public RowStore.Row? WaitsFor { get; set; }
}
