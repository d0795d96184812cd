using System.Buffers.Text;
using System.Text;

namespace Vault.Protocol.Macaroons;

/// <summary>
/// A capability token: identifier, caveats, and a signature chained over them. Whoever holds it may add caveats
/// and never take one away. Immutable.
/// </summary>
/// <remarks>docs/spec/macaroons.md.</remarks>
public sealed class Macaroon
{
    /// <summary>Longest binary form.</summary>
    public const int MaxBytes = 8192;

    /// <summary>Most caveats.</summary>
    public const int MaxCaveats = 64;

    /// <summary>Length of a signature.</summary>
    public const int SignatureBytes = 32;

    private readonly MacaroonCaveat[] caveats;
    private readonly byte[] signature;

    internal Macaroon(byte[]? location, byte[] identifier, MacaroonCaveat[] caveats, byte[] signature)
    {
        LocationBytes = location;
        IdentifierBytes = identifier;
        this.caveats = caveats;
        this.signature = signature;
    }

    /// <summary>Who made it, or null; not signed.</summary>
    public string? Location => LocationBytes is null ? null : Encoding.UTF8.GetString(LocationBytes);

    /// <summary>Which root key signs it.</summary>
    public ReadOnlyMemory<byte> Identifier => IdentifierBytes;

    /// <summary>Caveats in the order of the chain.</summary>
    public IReadOnlyList<MacaroonCaveat> Caveats => caveats;

    /// <summary>32 bytes; empty in a security token, whose signature is left out.</summary>
    public ReadOnlyMemory<byte> Signature => signature;

    /// <summary>False for a security token.</summary>
    public bool HasSignature => signature.Length != 0;

    internal byte[]? LocationBytes { get; }

    internal byte[] IdentifierBytes { get; }

    internal ReadOnlySpan<MacaroonCaveat> CaveatSpan => caveats;

    /// <summary>A new macaroon without caveats.</summary>
    /// <param name="location">Who makes it, or null.</param>
    /// <param name="identifier">Not empty.</param>
    /// <param name="rootKey">Secret of its maker; any length.</param>
    public static Macaroon Create(string? location, ReadOnlySpan<byte> identifier, ReadOnlySpan<byte> rootKey)
    {
        Span<byte> key = stackalloc byte[SignatureBytes];
        MacaroonChain.DeriveKey(rootKey, key);
        return CreateWithDerivedKey(location, identifier, key);
    }

    /// <summary>Reads the binary form; false for anything that docs/spec/macaroons.md does not allow.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, out Macaroon? macaroon) =>
        MacaroonCodec.TryDecode(bytes, out macaroon);

    /// <summary>
    /// Reads the text form; padded base64 of either alphabet and the old packet format are accepted too.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Macaroon? macaroon) =>
        MacaroonText.TryParse(text, out macaroon);

    /// <summary>Reads a macaroon and its discharges, separated by commas.</summary>
    public static bool TryParseList(ReadOnlySpan<char> text, out IReadOnlyList<Macaroon> macaroons) =>
        MacaroonText.TryParseList(text, out macaroons);

    /// <summary>The binary form.</summary>
    public byte[] ToBytes() => MacaroonCodec.Encode(this, signature);

    /// <summary>The text form: base64url without padding. It is a secret.</summary>
    public string ToText() => Base64Url.EncodeToString(ToBytes());

    /// <summary>The text without the signature: what travels as an S3 security token.</summary>
    public string ToSecurityToken() => Base64Url.EncodeToString(MacaroonCodec.Encode(this, []));

    /// <summary>This macaroon with one more first-party caveat.</summary>
    /// <param name="caveat">Text such as <c>ops = get,head</c>; see <see cref="Caveat"/>.</param>
    /// <exception cref="ArgumentException">The caveat is empty or the macaroon would grow past its limits.</exception>
    public Macaroon WithCaveat(string caveat)
    {
        var id = Encoding.UTF8.GetBytes(caveat);
        var next = new byte[SignatureBytes];
        MacaroonChain.AddFirstParty(RequireSignature(), id, next);
        return With(new MacaroonCaveat(null, id, null), next);
    }

    /// <summary>This macaroon with a caveat that another service must discharge.</summary>
    /// <param name="location">Where the discharge can be had, or null.</param>
    /// <param name="caveatKey">Secret shared with that service; any length.</param>
    /// <param name="id">Identifier that the discharge will have.</param>
    /// <param name="nonce">24 bytes that are used once; random when empty.</param>
    public Macaroon WithThirdPartyCaveat(
        string? location, ReadOnlySpan<byte> caveatKey, ReadOnlySpan<byte> id, ReadOnlySpan<byte> nonce = default)
    {
        var verificationId = ThirdPartyCaveats.Seal(RequireSignature(), caveatKey, nonce);
        var next = new byte[SignatureBytes];
        MacaroonChain.AddThirdParty(signature, verificationId, id, next);
        var at = location is null ? null : Encoding.UTF8.GetBytes(location);
        return With(new MacaroonCaveat(at, id.ToArray(), verificationId), next);
    }

    /// <summary>This discharge bound to the macaroon that it will be sent with.</summary>
    public Macaroon BindTo(Macaroon root)
    {
        var bound = new byte[SignatureBytes];
        MacaroonChain.Bind(root.RequireSignature(), RequireSignature(), bound);
        return new Macaroon(LocationBytes, IdentifierBytes, caveats, bound);
    }

    /// <summary>Nothing secret.</summary>
    public override string ToString() => $"Macaroon({caveats.Length} caveats, redacted)";

    internal static Macaroon CreateWithDerivedKey(
        string? location, ReadOnlySpan<byte> identifier, ReadOnlySpan<byte> derivedKey)
    {
        if (identifier.IsEmpty)
            throw new ArgumentException("An identifier is needed.", nameof(identifier));
        var signature = new byte[SignatureBytes];
        MacaroonChain.Begin(derivedKey, identifier, signature);
        var at = location is null ? null : Encoding.UTF8.GetBytes(location);
        return new Macaroon(at, identifier.ToArray(), [], signature).Checked();
    }

    private byte[] RequireSignature() =>
        HasSignature ? signature : throw new InvalidOperationException("A security token cannot be extended.");

    private Macaroon With(MacaroonCaveat caveat, byte[] next) =>
        new Macaroon(LocationBytes, IdentifierBytes, [.. caveats, caveat], next).Checked();

    private Macaroon Checked()
    {
        if (caveats.Length > MaxCaveats || (caveats.Length > 0 && caveats[^1].IdBytes.Length == 0)
            || MacaroonCodec.EncodedLength(this) > MaxBytes)
            throw new ArgumentException("An empty caveat, more than 64 of them, or more than 8192 bytes.");
        return this;
    }
}
