namespace Vault.Sql;

/// <summary>
/// Where a binder puts the values of one execution, by name without the <c>@</c>. A binder sets every parameter of its
/// text exactly once, and in the same order each time (the order is remembered, so that no name is looked up twice).
/// </summary>
public abstract class SqlParameters
{
    private protected SqlParameters()
    {
    }

    /// <summary>A <c>{bigint}</c>.</summary>
    public abstract void Bigint(string name, long value);

    /// <summary>A <c>{bigint}</c> that may be null.</summary>
    public abstract void Bigint(string name, long? value);

    /// <summary>A <c>{bool}</c>.</summary>
    public abstract void Bool(string name, bool value);

    /// <summary>A <c>{text}</c>; null is SQL null.</summary>
    public abstract void Text(string name, string? value);

    /// <summary>A <c>{blob}</c>; the bytes are copied. An empty span is an empty blob, never null.</summary>
    public abstract void Blob(string name, ReadOnlySpan<byte> value);

    /// <summary>A <c>{blob}</c>; an empty memory is an empty blob, never null.</summary>
    public virtual void Blob(string name, ReadOnlyMemory<byte> value) => Blob(name, value.Span);

    /// <summary>A <c>{blob}</c>; null is SQL null.</summary>
    public abstract void Blob(string name, byte[]? value);

    /// <summary>
    /// An unsigned sequence in a <c>{bigint}</c>: the same number, so that SQL can compare and count.
    /// </summary>
    /// <exception cref="OverflowException">The value is above <see cref="long.MaxValue"/>.</exception>
    public void Sequence(string name, ulong value) => Bigint(name, checked((long)value));
}
