namespace Vault.Sql;

/// <summary>Reads of a transaction whose statements follow from the rows.</summary>
internal abstract class TransactionDecision
{
    /// <summary>A change of a row is a handful of statements.</summary>
    private const int StatementsPerRead = 4;

    /// <summary>Whether the statements are being queued now.</summary>
    public bool Running { get; protected set; }

    public int Weight => Reads * StatementsPerRead;

    protected abstract int Reads { get; }

    /// <summary>Reads and queues in one go, for a database that answers on the caller's thread.</summary>
    public abstract void Run(IRowReader reader);

    /// <summary>Reads, then queues.</summary>
    public abstract Task RunAsync(ISqlBackend backend);
}

/// <summary>Reads first rows at once.</summary>
internal interface IRowReader
{
    TRow?[] ReadEach<TArgs, TRow>(SqlQuery<TArgs, TRow> query, IReadOnlyList<TArgs> args)
        where TRow : class;
}

internal sealed class TransactionDecision<TArgs, TRow>(
    SqlTransaction transaction, SqlQuery<TArgs, TRow> query, IReadOnlyList<TArgs> args,
    Action<SqlTransaction, TRow?[]> decide) : TransactionDecision
    where TRow : class
{
    protected override int Reads => args.Count;

    public override void Run(IRowReader reader) => Queue(reader.ReadEach(query, args));

    public override async Task RunAsync(ISqlBackend backend)
        => Queue(await backend.QueryEachAsync(query, args, CancellationToken.None).ConfigureAwait(false));

    private void Queue(TRow?[] rows)
    {
        transaction.Steps.Clear();
        Running = true;
        try
        {
            decide(transaction, rows);
        }
        finally
        {
            Running = false;
        }
    }
}
