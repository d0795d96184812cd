namespace Vault.Sql;

/// <summary>One queued statement with its arguments.</summary>
internal abstract class TransactionStep
{
    public abstract SqlDefinition Definition { get; }

    public virtual bool IsCheck => false;

    /// <summary>Whether <see cref="Read"/> wants the rows.</summary>
    public virtual bool HasReader => false;

    public abstract void Bind(SqlParameters parameters);

    /// <summary>Forgets rows of an earlier attempt.</summary>
    public virtual void Begin()
    {
    }

    public virtual void Read(SqlRow row)
    {
    }

    public virtual void Publish()
    {
    }
}

internal sealed class StatementStep<TArgs>(SqlStatement<TArgs> statement, TArgs args, bool isCheck) : TransactionStep
{
    public override SqlDefinition Definition => statement;

    public override bool IsCheck => isCheck;

    public override void Bind(SqlParameters parameters) => statement.Bind(parameters, args);
}

internal sealed class QueryStep<TArgs, TRow>(SqlQuery<TArgs, TRow> query, TArgs args, SqlResult<TRow> result)
    : TransactionStep
{
    public override SqlDefinition Definition => query;

    public override bool HasReader => true;

    public override void Bind(SqlParameters parameters) => query.Bind(parameters, args);

    public override void Begin() => result.Pending = [];

    public override void Read(SqlRow row) => result.Pending.Add(query.Read(row));

    public override void Publish() => result.Publish();
}
