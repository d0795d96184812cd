using System.Security.Cryptography;
using Vault.Protocol.Text;

namespace Vault.Protocol.Ids;

/// <summary>
/// Identity of a project: the owner of buckets and the holder of a key. Text: <c>prj_</c> and 20 lower-case hex digits.
/// </summary>
public readonly record struct ProjectId
{
    private const string Prefix = "prj_";
    private const int RandomBytes = 10;
    private readonly string? _value;

    private ProjectId(string value) => _value = value;

    /// <summary>The whole text; empty for the default value, which names nothing.</summary>
    public string Value => _value ?? "";

    /// <summary>A fresh random id.</summary>
    public static ProjectId New() => new(Prefix + RandomNumberGenerator.GetHexString(RandomBytes * 2, lowercase: true));

    /// <summary>Accepts exactly the text form.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out ProjectId id)
    {
        var valid = text.Length == Prefix.Length + RandomBytes * 2
            && text.StartsWith(Prefix, StringComparison.Ordinal)
            && Hex.IsLowerHex(text[Prefix.Length..]);
        id = valid ? new ProjectId(text.ToString()) : default;
        return valid;
    }

    /// <inheritdoc/>
    public override string ToString() => Value;
}
