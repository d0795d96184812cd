namespace Vault.ControlPlane.Http;

/// <summary>What every list takes: <c>limit</c> and <c>cursor</c> (docs/spec/control-plane.md §1).</summary>
internal static class Paging
{
    public const int DefaultLimit = 100;

    private const int MaxLimit = 1000;

    /// <summary>The problem with them, or null.</summary>
    /// <param name="limit">As the caller gave it.</param>
    /// <param name="cursor">As the caller gave it.</param>
    /// <param name="isCursor">Whether this list makes such cursors.</param>
    public static Problem? Fault(int? limit, string? cursor, Func<string, bool> isCursor)
    {
        if (limit is < 1 or > MaxLimit) return Problem.BadRequest($"limit: 1 to {MaxLimit}");
        return cursor is null || isCursor(cursor) ? null : Problem.BadRequest("cursor: take it from next_cursor");
    }
}
