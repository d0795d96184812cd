namespace Vault.Sql;

/// <summary>
/// Statements that are queued here and sent together: one round trip, all or nothing, durable when
/// <see cref="CommitAsync"/> returns. Used once, by one caller; arguments stay untouched until the commit ends.
/// </summary>
public sealed class SqlTransaction
{
    private readonly ISqlBackend backend;
    private bool sent;

    internal SqlTransaction(ISqlBackend backend, bool mayUseReserve)
    {
        this.backend = backend;
        MayUseReserve = mayUseReserve;
    }

    internal List<TransactionStep> Steps { get; } = new(4);

    /// <summary>What is read before the statements are known; null when they are all queued already.</summary>
    internal TransactionDecision? Decision { get; private set; }

    /// <summary>Statements that it is expected to have.</summary>
    internal int Weight => Steps.Count + (Decision?.Weight ?? 0);

    internal bool MayUseReserve { get; }

    /// <summary>
    /// Queues a condition: a SELECT (with <c>for share</c> where it guards against other silos) or a change with
    /// RETURNING that must yield at least one row, or the whole transaction changes nothing.
    /// </summary>
    /// <returns>The statement's index, as in <see cref="SqlCheckFailedException.Index"/>.</returns>
    public int Check<TArgs>(SqlStatement<TArgs> statement, TArgs args)
        => Add(new StatementStep<TArgs>(statement, args, isCheck: true));

    /// <summary>Queues a change.</summary>
    /// <returns>The statement's index.</returns>
    public int Execute<TArgs>(SqlStatement<TArgs> statement, TArgs args)
        => Add(new StatementStep<TArgs>(statement, args, isCheck: false));

    /// <summary>Queues a statement with rows (often a change with RETURNING), readable after the commit.</summary>
    public SqlResult<TRow> Query<TArgs, TRow>(SqlQuery<TArgs, TRow> query, TArgs args)
    {
        var result = new SqlResult<TRow>();
        Add(new QueryStep<TArgs, TRow>(query, args, result));
        return result;
    }

    /// <summary>
    /// Reads the first row, or null, for each argument, and has <paramref name="decide"/> queue the statements that
    /// follow from them; none means that nothing is changed. SQLite reads inside the transaction, so nothing comes
    /// between; PostgreSQL reads before it, so what the decision rests on needs its own checks.
    /// </summary>
    /// <param name="query">The read.</param>
    /// <param name="args">Untouched until the commit ends.</param>
    /// <param name="decide">Runs on any thread, and again from the beginning when the transaction has to.</param>
    public void Decide<TArgs, TRow>(
        SqlQuery<TArgs, TRow> query, IReadOnlyList<TArgs> args, Action<SqlTransaction, TRow?[]> decide)
        where TRow : class
    {
        if (Decision is not null || Steps.Count > 0)
        {
            throw new InvalidOperationException("A transaction decides once, before anything is queued.");
        }

        Decision = new TransactionDecision<TArgs, TRow>(this, query, args, decide);
    }

    /// <summary>Sends the statements and waits until they are durable. Await the result once.</summary>
    /// <param name="cancellationToken">Withdraws the transaction while it has not been sent; never after.</param>
    /// <exception cref="SqlCheckFailedException">A check yielded no row.</exception>
    /// <exception cref="SqlException">Another failure, see the derived types.</exception>
    public ValueTask CommitAsync(CancellationToken cancellationToken = default)
    {
        if (sent)
        {
            throw new InvalidOperationException("A transaction is committed once.");
        }

        sent = true;
        return Steps.Count == 0 && Decision is null
            ? ValueTask.CompletedTask
            : backend.CommitAsync(this, cancellationToken);
    }

    internal void Publish()
    {
        foreach (var step in Steps)
        {
            step.Publish();
        }
    }

    private int Add(TransactionStep step)
    {
        if (sent && Decision is not { Running: true })
        {
            throw new InvalidOperationException("The transaction has been sent.");
        }

        Steps.Add(step);
        return Steps.Count - 1;
    }
}
