using System.Buffers.Binary;
using System.Globalization;

namespace Vault.Protocol.Checksums;

/// <summary>A checksum value of an object or a part.</summary>
public readonly record struct Checksum
{
    private readonly Value _value;

    private Checksum(ChecksumAlgorithm algorithm, ChecksumType type, int parts, ReadOnlySpan<byte> value)
    {
        Algorithm = algorithm;
        Type = type;
        Parts = parts;
        Span<byte> padded = stackalloc byte[ChecksumAlgorithms.MaxLength];
        padded.Clear();
        value.CopyTo(padded);
        _value = new Value(
            BinaryPrimitives.ReadUInt128BigEndian(padded), BinaryPrimitives.ReadUInt128BigEndian(padded[16..]),
            BinaryPrimitives.ReadUInt128BigEndian(padded[32..]), BinaryPrimitives.ReadUInt128BigEndian(padded[48..]));
    }

    /// <summary>
    /// Which function; <see cref="ChecksumAlgorithm.None"/> for the default value, which says nothing.
    /// </summary>
    public ChecksumAlgorithm Algorithm { get; }

    /// <summary>What the value covers.</summary>
    public ChecksumType Type { get; }

    /// <summary>How many parts a composite value covers; otherwise 0.</summary>
    public int Parts { get; }

    /// <summary>Bytes in the value.</summary>
    public int Length => Algorithm.Length();

    /// <summary>A value over all bytes.</summary>
    /// <exception cref="ArgumentException">The length does not fit the algorithm.</exception>
    public static Checksum FullObject(ChecksumAlgorithm algorithm, ReadOnlySpan<byte> value) =>
        TryCreate(algorithm, ChecksumType.FullObject, 0, value, out var checksum)
            ? checksum
            : throw new ArgumentException("The value does not fit the algorithm.", nameof(value));

    /// <summary>Checks and takes stored or received fields.</summary>
    public static bool TryCreate(
        ChecksumAlgorithm algorithm, ChecksumType type, int parts, ReadOnlySpan<byte> value, out Checksum checksum)
    {
        checksum = default;
        if (algorithm.Length() == 0 || value.Length != algorithm.Length()
            || type is not (ChecksumType.FullObject or ChecksumType.Composite)
            || parts < 0 || (type == ChecksumType.Composite) != (parts > 0))
        {
            return false;
        }

        checksum = new Checksum(algorithm, type, parts, value);
        return true;
    }

    /// <summary>Reads a header's base64, in its one canonical form, as a value over all bytes.</summary>
    public static bool TryParse(ChecksumAlgorithm algorithm, ReadOnlySpan<char> base64, out Checksum checksum)
    {
        checksum = default;
        Span<byte> value = stackalloc byte[ChecksumAlgorithms.MaxLength + 1];
        Span<char> canonical = stackalloc char[(ChecksumAlgorithms.MaxLength + 2) / 3 * 4];
        return base64.Length == (algorithm.Length() + 2) / 3 * 4
            && Convert.TryFromBase64Chars(base64, value, out var length)
            && Convert.TryToBase64Chars(value[..length], canonical, out var written)
            && base64.SequenceEqual(canonical[..written])
            && TryCreate(algorithm, ChecksumType.FullObject, 0, value[..length], out checksum);
    }

    /// <summary>The checksum of the parts' checksums, in order.</summary>
    /// <exception cref="ArgumentException">No parts, or a part has another algorithm.</exception>
    public static Checksum Composite(ChecksumAlgorithm algorithm, ReadOnlySpan<Checksum> parts)
    {
        using var total = new IncrementalChecksum(algorithm);
        Span<byte> value = stackalloc byte[ChecksumAlgorithms.MaxLength];
        foreach (ref readonly var part in parts)
        {
            RequireSame(algorithm, part);
            part.CopyTo(value);
            total.Append(value[..part.Length]);
        }

        total.Finish().CopyTo(value);
        return TryCreate(algorithm, ChecksumType.Composite, parts.Length, value[..algorithm.Length()], out var result)
            ? result
            : throw new ArgumentException("A composite checksum needs parts.", nameof(parts));
    }

    /// <summary>The CRC of all bytes of a multipart object, from those of its parts.</summary>
    /// <param name="algorithm">One of the CRCs.</param>
    /// <param name="parts">Checksum and byte length of each part, in order.</param>
    /// <exception cref="ArgumentException">The algorithm cannot be combined, or a part has another.</exception>
    public static Checksum Combine(
        ChecksumAlgorithm algorithm, ReadOnlySpan<(Checksum Checksum, long Length)> parts)
    {
        ulong crc = 0;
        foreach (ref readonly var part in parts)
        {
            RequireSame(algorithm, part.Checksum);
            crc = CrcCombination.Combine(algorithm, crc, part.Checksum.CrcValue, part.Length);
        }

        Span<byte> value = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(value, crc);
        return FullObject(algorithm, value[^algorithm.Length()..]);
    }

    /// <summary>Writes the value's bytes at the start of <paramref name="destination"/>.</summary>
    public void CopyTo(Span<byte> destination)
    {
        Span<byte> padded = stackalloc byte[ChecksumAlgorithms.MaxLength];
        BinaryPrimitives.WriteUInt128BigEndian(padded, _value.First);
        BinaryPrimitives.WriteUInt128BigEndian(padded[16..], _value.Second);
        BinaryPrimitives.WriteUInt128BigEndian(padded[32..], _value.Third);
        BinaryPrimitives.WriteUInt128BigEndian(padded[48..], _value.Fourth);
        padded[..Length].CopyTo(destination);
    }

    /// <summary>Base64 of the value, without the number of parts.</summary>
    public string ToBase64()
    {
        Span<byte> value = stackalloc byte[ChecksumAlgorithms.MaxLength];
        CopyTo(value);
        return Convert.ToBase64String(value[..Length]);
    }

    /// <summary>As S3 shows it: base64, and <c>-N</c> when it covers N parts.</summary>
    public override string ToString() => Type == ChecksumType.Composite
        ? string.Create(CultureInfo.InvariantCulture, $"{ToBase64()}-{Parts}")
        : ToBase64();

    private ulong CrcValue => (ulong)(_value.First >> (128 - 8 * Length));

    /// <summary>Up to 64 bytes, filled up with zeros.</summary>
    private readonly record struct Value(UInt128 First, UInt128 Second, UInt128 Third, UInt128 Fourth);

    private static void RequireSame(ChecksumAlgorithm algorithm, in Checksum part)
    {
        if (part.Algorithm != algorithm)
        {
            throw new ArgumentException("A part has another checksum algorithm.", nameof(part));
        }
    }
}
