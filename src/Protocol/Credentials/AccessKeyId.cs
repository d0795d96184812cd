using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Vault.Protocol.Encryption;
using Vault.Protocol.Text;

namespace Vault.Protocol.Credentials;

/// <summary>
/// The access key id of a registered credential: 28 characters that begin with <c>k</c>. It unlocks the credential's
/// own record, so it never prints; the store knows only its <see cref="Lookup"/>.
/// </summary>
/// <remarks>base32(53 ‖ raw(16)): docs/spec/credentials.md, section 1.</remarks>
public sealed class AccessKeyId
{
    /// <summary>Characters in an access key id.</summary>
    public const int Length = 28;

    /// <summary>Secret bytes in an access key id.</summary>
    public const int RawSize = 16;

    private const byte Version = 0x53;
    private readonly byte[] _raw;

    private AccessKeyId(ReadOnlySpan<byte> raw)
    {
        _raw = raw.ToArray();
        Span<byte> hash = stackalloc byte[CredentialLookup.Size];
        SHA256.HashData(raw, hash);
        Lookup = CredentialLookup.FromBytes(hash);
    }

    /// <summary>Under what the store keeps the record.</summary>
    public CredentialLookup Lookup { get; }

    internal ReadOnlySpan<byte> Raw => _raw;

    /// <summary>A fresh random id.</summary>
    public static AccessKeyId Generate()
    {
        Span<byte> raw = stackalloc byte[RawSize];
        RandomNumberGenerator.Fill(raw);
        return new AccessKeyId(raw);
    }

    /// <summary>Reads the text; anything that is not exactly of the form is refused.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out AccessKeyId? id)
    {
        Span<byte> bytes = stackalloc byte[1 + RawSize];
        id = Base32.TryDecode(text, bytes) && bytes[0] == Version ? new AccessKeyId(bytes[1..]) : null;
        return id is not null;
    }

    /// <summary>The text, to hand to its owner.</summary>
    public string Reveal()
    {
        Span<byte> bytes = stackalloc byte[1 + RawSize];
        bytes[0] = Version;
        _raw.CopyTo(bytes[1..]);
        return Base32.Encode(bytes);
    }

    /// <summary>The key that seals the credential's record; used exactly once.</summary>
    public SecretKey RecordKey() => SecretKey.Derive(_raw, salt: [], "snp1 registered access record"u8);

    /// <summary>The log name, never the id.</summary>
    public override string ToString() => Lookup.LogName;

    internal static AccessKeyId FromRaw(ReadOnlySpan<byte> raw) => new(raw);
}
