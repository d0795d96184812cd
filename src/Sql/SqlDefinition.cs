namespace Vault.Sql;

/// <summary>
/// One SQL text for both databases, made once and kept in a <c>static readonly</c> field: each connection prepares
/// it once and finds it again by reference. Parameters are written <c>@name</c>; dialect tokens
/// (<c>{now_ms}</c> …) and <c>for share</c> are explained in docs/spec/database.md.
/// </summary>
public abstract class SqlDefinition
{
    private protected SqlDefinition(string text)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(text);
        Text = text;
    }

    /// <summary>The text as written, before a dialect has seen it.</summary>
    public string Text { get; }
}

/// <summary>A statement whose rows, if it has any, nobody reads.</summary>
/// <param name="text">One SQL statement.</param>
/// <param name="bind">
/// Sets every parameter of the text from the arguments. Runs when the statement is sent, on another thread than the
/// caller's, and more than once when a group has to be repeated: it must be pure.
/// </param>
public sealed class SqlStatement<TArgs>(string text, Action<SqlParameters, TArgs> bind) : SqlDefinition(text)
{
    internal Action<SqlParameters, TArgs> Bind { get; } = bind;
}

/// <summary>A statement with a reader for its rows.</summary>
/// <param name="text">One SQL statement.</param>
/// <param name="bind">Sets every parameter of the text; must be pure.</param>
/// <param name="read">Makes the result of one row; the row is valid only during the call.</param>
public sealed class SqlQuery<TArgs, TRow>(string text, Action<SqlParameters, TArgs> bind, Func<SqlRow, TRow> read)
    : SqlDefinition(text)
{
    internal Action<SqlParameters, TArgs> Bind { get; } = bind;

    internal Func<SqlRow, TRow> Read { get; } = read;
}
