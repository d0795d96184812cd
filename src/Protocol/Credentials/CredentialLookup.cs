using System.Buffers.Binary;
using System.Security.Cryptography;
using Vault.Protocol.Text;

namespace Vault.Protocol.Credentials;

/// <summary>
/// How the store and the logs know a registered credential: SHA-256 of the secret bytes in its access key id.
/// </summary>
public readonly record struct CredentialLookup
{
    /// <summary>Bytes in a lookup.</summary>
    public const int Size = SHA256.HashSizeInBytes;

    private readonly UInt128 _high;
    private readonly UInt128 _low;

    private CredentialLookup(ReadOnlySpan<byte> bytes)
    {
        _high = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        _low = BinaryPrimitives.ReadUInt128BigEndian(bytes[16..]);
    }

    /// <summary>The first 8 hex digits: the only name of a credential in logs, metrics and traces.</summary>
    public string LogName => ToString()[..8];

    /// <summary>The lookup with these bytes.</summary>
    /// <exception cref="ArgumentException">Not exactly 32 bytes.</exception>
    public static CredentialLookup FromBytes(ReadOnlySpan<byte> bytes) => bytes.Length == Size
        ? new CredentialLookup(bytes)
        : throw new ArgumentException("A lookup is exactly 32 bytes.", nameof(bytes));

    /// <summary>Reads 64 lower-case hex digits.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out CredentialLookup lookup)
    {
        Span<byte> bytes = stackalloc byte[Size];
        var valid = Hex.TryDecode(text, bytes);
        lookup = valid ? new CredentialLookup(bytes) : default;
        return valid;
    }

    /// <summary>Writes the 32 bytes at the start of <paramref name="destination"/>.</summary>
    public void WriteTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt128BigEndian(destination, _high);
        BinaryPrimitives.WriteUInt128BigEndian(destination[16..], _low);
    }

    /// <summary>The 32 bytes in a new array.</summary>
    public byte[] ToArray()
    {
        var bytes = new byte[Size];
        WriteTo(bytes);
        return bytes;
    }

    /// <summary>64 lower-case hex digits.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Size];
        WriteTo(bytes);
        return Convert.ToHexStringLower(bytes);
    }
}
