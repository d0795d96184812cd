namespace Vault.Sql;

/// <summary>One row as its reader sees it; columns by their place in the select list, from 0.</summary>
public abstract class SqlRow
{
    private protected SqlRow()
    {
    }

    /// <summary>Whether the column is SQL null.</summary>
    public abstract bool IsNull(int column);

    /// <summary>A <c>{bigint}</c> that is not null.</summary>
    public abstract long Bigint(int column);

    /// <summary>A <c>{bool}</c> that is not null.</summary>
    public abstract bool Bool(int column);

    /// <summary>A <c>{text}</c> that is not null.</summary>
    public abstract string Text(int column);

    /// <summary>A <c>{blob}</c> that is not null, as a new array.</summary>
    public abstract byte[] Blob(int column);

    /// <summary>A <c>{blob}</c> that is not null; the bytes are valid until the reader returns.</summary>
    public abstract ReadOnlySpan<byte> BlobSpan(int column);

    /// <summary>A <c>{bigint}</c> or null.</summary>
    public long? BigintOrNull(int column) => IsNull(column) ? null : Bigint(column);

    /// <summary>A <c>{text}</c> or null.</summary>
    public string? TextOrNull(int column) => IsNull(column) ? null : Text(column);

    /// <summary>A <c>{blob}</c> as a new array, or null.</summary>
    public byte[]? BlobOrNull(int column) => IsNull(column) ? null : Blob(column);

    /// <summary>An unsigned sequence from a <c>{bigint}</c>.</summary>
    public ulong Sequence(int column) => checked((ulong)Bigint(column));
}
