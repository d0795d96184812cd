using System.Net;

namespace Vault.Protocol.Ids;

/// <summary>A bucket name that AWS would accept; unique in the cluster.</summary>
public readonly record struct BucketName
{
    private const int MinLength = 3;
    private const int MaxLength = 63;
    private readonly string? _value;

    private BucketName(string value) => _value = value;

    /// <summary>The name; empty for the default value, which names nothing.</summary>
    public string Value => _value ?? "";

    /// <summary>Applies the rules for general purpose buckets.</summary>
    /// <remarks>
    /// 3 to 63 of lower-case letters, digits, dots and hyphens; a letter or digit at both ends; no two dots in a
    /// row; not shaped like an IPv4 address; none of the reserved prefixes and suffixes.
    /// </remarks>
    public static bool TryParse(ReadOnlySpan<char> text, out BucketName name)
    {
        var valid = text.Length is >= MinLength and <= MaxLength
            && IsLetterOrDigit(text[0]) && IsLetterOrDigit(text[^1])
            && HasOnlyLegalCharacters(text)
            && !LooksLikeAddress(text)
            && !IsReserved(text);
        name = valid ? new BucketName(text.ToString()) : default;
        return valid;
    }

    /// <inheritdoc/>
    public override string ToString() => Value;

    private static bool IsLetterOrDigit(char c) => c is >= 'a' and <= 'z' or >= '0' and <= '9';

    private static bool HasOnlyLegalCharacters(ReadOnlySpan<char> text)
    {
        var previous = '\0';
        foreach (var c in text)
        {
            if (!IsLetterOrDigit(c) && c is not ('.' or '-') || c == '.' && previous == '.')
            {
                return false;
            }

            previous = c;
        }

        return true;
    }

    private static bool LooksLikeAddress(ReadOnlySpan<char> text) =>
        text.Count('.') == 3 && text.IndexOfAnyExceptInRange('.', '9') < 0 && IPAddress.TryParse(text, out _);

    private static bool IsReserved(ReadOnlySpan<char> text) =>
        text.StartsWith("xn--", StringComparison.Ordinal)
        || text.StartsWith("sthree-", StringComparison.Ordinal)
        || text.StartsWith("amzn-s3-demo-", StringComparison.Ordinal)
        || text.EndsWith("-s3alias", StringComparison.Ordinal)
        || text.EndsWith("--ol-s3", StringComparison.Ordinal)
        || text.EndsWith(".mrap", StringComparison.Ordinal)
        || text.EndsWith("--x-s3", StringComparison.Ordinal)
        || text.EndsWith("--table-s3", StringComparison.Ordinal);
}
