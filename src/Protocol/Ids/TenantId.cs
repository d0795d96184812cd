using System.Security.Cryptography;
using Vault.Protocol.Text;

namespace Vault.Protocol.Ids;

/// <summary>Identity of a tenant: who pays for projects. Text: <c>ten_</c> and 20 lower-case hex digits.</summary>
public readonly record struct TenantId
{
    private const string Prefix = "ten_";
    private const int RandomBytes = 10;
    private readonly string? _value;

    private TenantId(string value) => _value = value;

    /// <summary>The whole text; empty for the default value, which names nothing.</summary>
    public string Value => _value ?? "";

    /// <summary>A fresh random id.</summary>
    public static TenantId New() => new(Prefix + RandomNumberGenerator.GetHexString(RandomBytes * 2, lowercase: true));

    /// <summary>Accepts exactly the text form.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out TenantId id)
    {
        var valid = text.Length == Prefix.Length + RandomBytes * 2
            && text.StartsWith(Prefix, StringComparison.Ordinal)
            && Hex.IsLowerHex(text[Prefix.Length..]);
        id = valid ? new TenantId(text.ToString()) : default;
        return valid;
    }

    /// <inheritdoc/>
    public override string ToString() => Value;
}
