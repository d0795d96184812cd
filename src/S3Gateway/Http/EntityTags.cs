namespace Vault.S3Gateway.Http;

/// <summary>Entity tags in condition headers: quoted, weak or bare, separated by commas.</summary>
internal static class EntityTags
{
    private const string WeakMarker = "W/";

    /// <summary>
    /// Whether the header names <paramref name="etag"/> (without quotes) or is <c>*</c>, by the strong comparison of
    /// RFC 9110 §8.8.3.2: a weak tag equals none.
    /// </summary>
    public static bool Matches(ReadOnlySpan<char> header, ReadOnlySpan<char> etag) =>
        Matches(header, etag, weak: false);

    /// <summary>The same by the weak comparison: the marker does not count.</summary>
    public static bool MatchesWeakly(ReadOnlySpan<char> header, ReadOnlySpan<char> etag) =>
        Matches(header, etag, weak: true);

    private static bool Matches(ReadOnlySpan<char> header, ReadOnlySpan<char> etag, bool weak)
    {
        foreach (var range in header.Split(','))
        {
            if (!weak && header[range].Trim().StartsWith(WeakMarker, StringComparison.Ordinal))
                continue;
            var item = Bare(header[range]);
            if (item is "*" || item.Equals(etag, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }

    /// <summary>The tag without weakness marker and quotes.</summary>
    public static ReadOnlySpan<char> Bare(ReadOnlySpan<char> tag)
    {
        tag = tag.Trim();
        if (tag.StartsWith(WeakMarker, StringComparison.Ordinal))
            tag = tag[WeakMarker.Length..];
        return tag.Length >= 2 && tag[0] == '"' && tag[^1] == '"' ? tag[1..^1] : tag;
    }
}
