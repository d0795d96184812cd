using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Vault.Protocol.Text;

namespace Vault.Protocol.Credentials;

/// <summary>A secret access key: what SigV4 derives its signing keys from. Never prints; wiped when disposed.</summary>
public sealed class SecretAccessKey : IDisposable
{
    /// <summary>Most characters that we read.</summary>
    public const int MaxLength = 128;

    /// <summary>Secret bytes in a registered credential's key.</summary>
    public const int RawSize = 32;

    private const byte Version = 0x54;
    private readonly byte[] _ascii;
    private bool _disposed;

    private SecretAccessKey(byte[] ascii) => _ascii = ascii;

    /// <summary>The characters as ASCII; do not keep copies.</summary>
    /// <exception cref="ObjectDisposedException">The key was wiped.</exception>
    public ReadOnlySpan<byte> Ascii
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _ascii;
        }
    }

    /// <summary>A fresh random key of a registered credential: base32(54 ‖ 32 random bytes), 53 characters.</summary>
    public static SecretAccessKey Generate()
    {
        Span<byte> raw = stackalloc byte[RawSize];
        RandomNumberGenerator.Fill(raw);
        var key = FromRaw(raw);
        CryptographicOperations.ZeroMemory(raw);
        return key;
    }

    /// <summary>Takes any printable ASCII text of 1 to 128 characters.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out SecretAccessKey? key)
    {
        key = text.Length is >= 1 and <= MaxLength && !text.ContainsAnyExceptInRange('!', '~')
            ? new SecretAccessKey(ToAscii(text))
            : null;
        return key is not null;
    }

    /// <summary>The text, to hand to its owner.</summary>
    public string Reveal() => Encoding.ASCII.GetString(Ascii);

    /// <summary>Compares in constant time.</summary>
    public bool FixedTimeEquals(SecretAccessKey other) => CryptographicOperations.FixedTimeEquals(Ascii, other.Ascii);

    /// <summary>Wipes the characters; later use throws.</summary>
    public void Dispose()
    {
        _disposed = true;
        CryptographicOperations.ZeroMemory(_ascii);
    }

    /// <summary>Never the key.</summary>
    public override string ToString() => "(secret access key)";

    /// <summary>Takes over <paramref name="ascii"/>.</summary>
    internal static SecretAccessKey FromAscii(byte[] ascii) => new(ascii);

    internal static SecretAccessKey FromRaw(ReadOnlySpan<byte> raw)
    {
        Span<byte> bytes = stackalloc byte[1 + RawSize];
        bytes[0] = Version;
        raw.CopyTo(bytes[1..]);
        var key = new SecretAccessKey(ToAscii(Base32.Encode(bytes)));
        CryptographicOperations.ZeroMemory(bytes);
        return key;
    }

    private static byte[] ToAscii(ReadOnlySpan<char> text)
    {
        var ascii = GC.AllocateUninitializedArray<byte>(text.Length, pinned: true);
        Encoding.ASCII.GetBytes(text, ascii);
        return ascii;
    }
}
