namespace Vault.Runtime.Simulation.Database;

/// <summary>The statements that fenced grains use.</summary>
internal enum StatementKind
{
    /// <summary><c>select … where key = @k</c></summary>
    Read,

    /// <summary><c>select … where key = @k and number = @n</c></summary>
    Check,

    /// <summary><c>select … where key = @k and number = @n for share</c></summary>
    CheckLocked,

    /// <summary><c>insert … values (@k, 1) on conflict do update set number = number + 1 returning number</c></summary>
    Raise,

    /// <summary><c>insert … values (@k, @n, @v) on conflict do update set … returning …</c></summary>
    Write,
}

/// <param name="Kind">What it does.</param>
/// <param name="Table">The table.</param>
/// <param name="Key">The row.</param>
/// <param name="Number">The number compared or written.</param>
/// <param name="Value">The text written.</param>
internal readonly record struct Statement(
    StatementKind Kind, string Table, string Key, long Number = 0, string? Value = null);

internal sealed record StoredRow(long Number, string? Value);

/// <summary>The row that a statement returned; null when it returned none.</summary>
internal readonly record struct StatementResult(StoredRow? Row);
