namespace Vault.S3Gateway.Http;

/// <summary>Entity tags in condition headers: quoted, weak or bare, separated by commas.</summary>
internal static class EntityTags
{
    /// <summary>Whether the header names <paramref name="etag"/> (without quotes) or is <c>*</c>.</summary>
    public static bool Matches(ReadOnlySpan<char> header, ReadOnlySpan<char> etag)
    {
        foreach (var range in header.Split(','))
        {
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
        if (tag.StartsWith("W/", StringComparison.Ordinal))
            tag = tag[2..];
        return tag.Length >= 2 && tag[0] == '"' && tag[^1] == '"' ? tag[1..^1] : tag;
    }
}
