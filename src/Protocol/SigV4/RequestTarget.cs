namespace Vault.Protocol.SigV4;

/// <summary>Splits a raw request target without decoding it.</summary>
public static class RequestTarget
{
    /// <summary>Path and query of an origin-form or absolute-form target; neither is decoded.</summary>
    /// <param name="rawTarget">Target as on the wire.</param>
    /// <param name="path">From the first slash to the question mark; <c>/</c> when there is none.</param>
    /// <param name="query">What follows the first question mark; empty when there is none.</param>
    public static void Split(ReadOnlySpan<char> rawTarget, out ReadOnlySpan<char> path, out ReadOnlySpan<char> query)
    {
        if (!rawTarget.StartsWith('/'))
            rawTarget = AfterAuthority(rawTarget);
        var mark = rawTarget.IndexOf('?');
        path = mark < 0 ? rawTarget : rawTarget[..mark];
        query = mark < 0 ? [] : rawTarget[(mark + 1)..];
        if (path.IsEmpty)
            path = "/";
    }

    private static ReadOnlySpan<char> AfterAuthority(ReadOnlySpan<char> target)
    {
        var scheme = target.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0)
            return target;
        var authority = target[(scheme + 3)..];
        var end = authority.IndexOfAny('/', '?');
        return end < 0 ? [] : authority[end..];
    }
}
