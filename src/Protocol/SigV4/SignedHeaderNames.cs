namespace Vault.Protocol.SigV4;

/// <summary>The <c>SignedHeaders</c> list: names separated by semicolons.</summary>
public readonly ref struct SignedHeaderNames(ReadOnlySpan<char> list)
{
    private readonly ReadOnlySpan<char> list = list;

    /// <summary>True when the name is in the list.</summary>
    public bool Contains(ReadOnlySpan<char> name)
    {
        var rest = list;
        while (!rest.IsEmpty)
        {
            var end = rest.IndexOf(';');
            var item = end < 0 ? rest : rest[..end];
            if (item.Equals(name, StringComparison.OrdinalIgnoreCase))
                return true;
            rest = end < 0 ? [] : rest[(end + 1)..];
        }

        return false;
    }

    /// <summary>True for a header that must be signed (<c>x-amz-*</c>) and is not in the list.</summary>
    /// <param name="presentHeader">Name of a header of the request.</param>
    public bool Lacks(ReadOnlySpan<char> presentHeader) =>
        presentHeader.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase) && !Contains(presentHeader);
}
