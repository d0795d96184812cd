using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using Vault.Protocol.Text;

namespace Vault.Protocol.Checksums;

/// <summary>An entity tag: MD5 of the body, or MD5 of the parts' MD5s and their number.</summary>
/// <param name="Md5">The 16 bytes as one big-endian number.</param>
/// <param name="Parts">Number of parts of a multipart object; otherwise 0.</param>
public readonly record struct ETag(UInt128 Md5, int Parts)
{
    /// <summary>Bytes in an MD5.</summary>
    public const int Md5Size = 16;

    private const int HexLength = Md5Size * 2;
    private const int MaxParts = 10_000;

    /// <summary>The tag of a body.</summary>
    [SuppressMessage("Security", "CA5351", Justification = "S3 defines the entity tag as MD5; nothing trusts it.")]
    public static ETag Compute(ReadOnlySpan<byte> body)
    {
        Span<byte> md5 = stackalloc byte[Md5Size];
        MD5.HashData(body, md5);
        return FromMd5(md5);
    }

    /// <summary>The tag of a body whose MD5 is known.</summary>
    /// <exception cref="ArgumentException">Not exactly 16 bytes.</exception>
    public static ETag FromMd5(ReadOnlySpan<byte> md5, int parts = 0) => md5.Length == Md5Size
        ? new ETag(BinaryPrimitives.ReadUInt128BigEndian(md5), parts)
        : throw new ArgumentException("An MD5 is exactly 16 bytes.", nameof(md5));

    /// <summary>The tag of a multipart object, from those of its parts in order.</summary>
    [SuppressMessage("Security", "CA5351", Justification = "S3 defines the entity tag as MD5; nothing trusts it.")]
    public static ETag Composite(ReadOnlySpan<ETag> parts)
    {
        using var md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        Span<byte> bytes = stackalloc byte[Md5Size];
        foreach (ref readonly var part in parts)
        {
            part.WriteTo(bytes);
            md5.AppendData(bytes);
        }

        md5.GetHashAndReset(bytes);
        return FromMd5(bytes, parts.Length);
    }

    /// <summary>Reads the text without quotes: 32 hex digits, and <c>-N</c> with 1 to 10,000 parts.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out ETag etag)
    {
        etag = default;
        Span<byte> md5 = stackalloc byte[Md5Size];
        if (text.Length < HexLength || !Hex.TryDecode(text[..HexLength], md5))
        {
            return false;
        }

        var parts = 0;
        var suffix = text[HexLength..];
        if (!suffix.IsEmpty
            && (suffix.Length < 2 || suffix[0] != '-' || suffix[1] == '0'
                || suffix[1..].ContainsAnyExceptInRange('0', '9') // the framework lets zero bytes follow a number
                || !int.TryParse(suffix[1..], NumberStyles.None, CultureInfo.InvariantCulture, out parts)
                || parts > MaxParts))
        {
            return false;
        }

        etag = FromMd5(md5, parts);
        return true;
    }

    /// <summary>Writes the MD5 at the start of <paramref name="destination"/>.</summary>
    public void WriteTo(Span<byte> destination) => BinaryPrimitives.WriteUInt128BigEndian(destination, Md5);

    /// <summary>The text without quotes.</summary>
    public override string ToString() => Parts == 0
        ? Md5.ToString("x32", CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{Md5:x32}-{Parts}");
}
