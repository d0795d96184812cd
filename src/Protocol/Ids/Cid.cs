using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Vault.Protocol.Text;

namespace Vault.Protocol.Ids;

/// <summary>Content id of a shard: SHA-256 of its bytes.</summary>
/// <remarks>docs/spec/chunks.md, section 4; text forms are 64 hex digits and CIDv1 (raw codec, base32).</remarks>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct Cid
{
    /// <summary>Bytes in an id.</summary>
    public const int Size = 32;

    /// <summary>CIDv1, raw codec, SHA-256, 32 bytes follow.</summary>
    private static ReadOnlySpan<byte> Multicodec => [0x01, 0x55, 0x12, 0x20];

    private readonly ulong _a, _b, _c, _d;

    private Cid(ReadOnlySpan<byte> bytes)
    {
        _a = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _b = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        _c = BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]);
        _d = BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]);
    }

    /// <summary>The id of <paramref name="shard"/>.</summary>
    public static Cid Compute(ReadOnlySpan<byte> shard)
    {
        Span<byte> hash = stackalloc byte[Size];
        SHA256.HashData(shard, hash);
        return new Cid(hash);
    }

    /// <summary>The id with these bytes.</summary>
    /// <exception cref="ArgumentException">Not exactly 32 bytes.</exception>
    public static Cid FromBytes(ReadOnlySpan<byte> bytes) => bytes.Length == Size
        ? new Cid(bytes)
        : throw new ArgumentException("A content id is exactly 32 bytes.", nameof(bytes));

    /// <summary>Reads 64 lower-case hex digits or the CIDv1 text.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Cid cid)
    {
        cid = default;
        Span<byte> bytes = stackalloc byte[Multicodec.Length + Size];
        var hash = bytes[Multicodec.Length..];
        if (text.Length == Size * 2)
        {
            if (!Hex.TryDecode(text, hash))
            {
                return false;
            }
        }
        else if (text.IsEmpty || text[0] != 'b' || !Base32.TryDecode(text[1..], bytes)
            || !bytes.StartsWith(Multicodec))
        {
            return false;
        }

        cid = new Cid(hash);
        return true;
    }

    /// <summary>Writes the 32 bytes at the start of <paramref name="destination"/>.</summary>
    public void WriteTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, _a);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _b);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], _c);
        BinaryPrimitives.WriteUInt64BigEndian(destination[24..], _d);
    }

    /// <summary>The 32 bytes in a new array.</summary>
    public byte[] ToArray()
    {
        var bytes = new byte[Size];
        WriteTo(bytes);
        return bytes;
    }

    /// <summary>The form other content-addressed tools show: <c>bafkrei…</c>.</summary>
    public string ToCidV1()
    {
        Span<byte> bytes = stackalloc byte[Multicodec.Length + Size];
        Multicodec.CopyTo(bytes);
        WriteTo(bytes[Multicodec.Length..]);
        return "b" + Base32.Encode(bytes);
    }

    /// <summary>Orders as the bytes do.</summary>
    public int CompareTo(Cid other)
    {
        var order = _a.CompareTo(other._a);
        order = order != 0 ? order : _b.CompareTo(other._b);
        order = order != 0 ? order : _c.CompareTo(other._c);
        return order != 0 ? order : _d.CompareTo(other._d);
    }

    /// <summary>The bytes are a hash already: eight of them serve.</summary>
    public override int GetHashCode() => _d.GetHashCode();

    /// <summary>64 lower-case hex digits.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Size];
        WriteTo(bytes);
        return Convert.ToHexStringLower(bytes);
    }
}
