using System.Buffers.Binary;

namespace Vault.Protocol.Ids;

/// <summary>Identity of one version of an object; opaque to clients.</summary>
/// <param name="Value">The 16 bytes read as one big-endian number.</param>
public readonly record struct VersionId(UInt128 Value)
{
    /// <summary>Bytes in an id.</summary>
    public const int Size = Id128.Size;

    /// <summary>A fresh id: 48 bits of time, so that inserts are local, then 80 random bits.</summary>
    public static VersionId New(DateTimeOffset now) => new(Id128.TimeOrdered(now));

    /// <summary>The id with these bytes.</summary>
    /// <exception cref="ArgumentException">Not exactly 16 bytes.</exception>
    public static VersionId FromBytes(ReadOnlySpan<byte> bytes) => new(Id128.FromBytes(bytes));

    /// <summary>Reads 32 lower-case hex digits; anything else is refused.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out VersionId id)
    {
        var valid = Id128.TryParse(text, out var value);
        id = new VersionId(value);
        return valid;
    }

    /// <summary>Writes the 16 bytes at the start of <paramref name="destination"/>.</summary>
    public void WriteTo(Span<byte> destination) => BinaryPrimitives.WriteUInt128BigEndian(destination, Value);

    /// <summary>The 16 bytes in a new array.</summary>
    public byte[] ToArray() => Id128.ToArray(Value);

    /// <summary>32 lower-case hex digits.</summary>
    public override string ToString() => Id128.ToHex(Value);
}
