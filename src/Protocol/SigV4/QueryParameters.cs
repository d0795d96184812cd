namespace Vault.Protocol.SigV4;

/// <summary>Walks the parameters of a raw query in order, without decoding or allocating.</summary>
public ref struct QueryParameters(ReadOnlySpan<char> query)
{
    private ReadOnlySpan<char> rest = query;

    /// <summary>Name of the current parameter, still encoded.</summary>
    public ReadOnlySpan<char> Name { get; private set; }

    /// <summary>Value of the current parameter, still encoded; empty when there was no <c>=</c>.</summary>
    public ReadOnlySpan<char> Value { get; private set; }

    /// <summary>Moves to the next parameter; empty segments are skipped.</summary>
    public bool MoveNext()
    {
        while (!rest.IsEmpty)
        {
            var end = rest.IndexOf('&');
            var item = end < 0 ? rest : rest[..end];
            rest = end < 0 ? [] : rest[(end + 1)..];
            if (item.IsEmpty)
                continue;
            var equals = item.IndexOf('=');
            Name = equals < 0 ? item : item[..equals];
            Value = equals < 0 ? [] : item[(equals + 1)..];
            return true;
        }

        return false;
    }

    /// <summary>
    /// Decodes a name or value: percent escapes, and <c>+</c> for a space; null when it isn't valid UTF-8.
    /// </summary>
    public static string? Decode(ReadOnlySpan<char> encoded)
    {
        if (!encoded.ContainsAny('%', '+'))
            return encoded.ToString();
        var bytes = new ByteBuilder(stackalloc byte[256]);
        UriText.AppendDecoded(ref bytes, encoded, plusIsSpace: true);
        UriText.TryGetString(bytes.Written, out var text);
        bytes.Dispose();
        return text;
    }
}
