namespace Vault.Sql;

/// <summary>The rows of a transaction's query, readable once the commit has succeeded.</summary>
public sealed class SqlResult<TRow>
{
    private List<TRow>? committed;

    internal SqlResult()
    {
    }

    /// <summary>The rows.</summary>
    /// <exception cref="InvalidOperationException">The transaction has not committed.</exception>
    public List<TRow> Rows => committed ?? throw new InvalidOperationException("The transaction has not committed.");

    internal List<TRow> Pending { get; set; } = [];

    internal void Publish() => committed = Pending;
}
