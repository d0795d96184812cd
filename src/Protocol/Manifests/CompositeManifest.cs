using System.Diagnostics.CodeAnalysis;
using System.Formats.Cbor;
using System.Security.Cryptography;
using Vault.Protocol.Cbor;
using Vault.Protocol.Ids;

namespace Vault.Protocol.Manifests;

/// <summary>The bodies of a multipart object, in order. Holds no secret; the head box holds its digest.</summary>
/// <remarks>docs/spec/manifests.md, section 2.</remarks>
public sealed class CompositeManifest
{
    /// <summary>Most parts in an object, and the largest part number.</summary>
    public const int MaxParts = 10_000;

    private const int Version = 1;
    private const int MaxPartBytes = 32;
    private readonly CompositePart[] _parts;
    private readonly long[] _starts;

    /// <summary>An object of these parts.</summary>
    /// <param name="parts">1 to 10,000, numbers ascending; kept, not copied.</param>
    /// <exception cref="ArgumentException">Too many parts, a number out of order, or a negative length.</exception>
    public CompositeManifest(CompositePart[] parts)
    {
        if (!TryAddUp(parts, out var starts))
        {
            throw new ArgumentException("The parts are not those of an object.", nameof(parts));
        }

        _parts = parts;
        _starts = starts;
    }

    /// <summary>The parts, numbers ascending.</summary>
    public ReadOnlySpan<CompositePart> Parts => _parts;

    /// <summary>Plaintext bytes of the object.</summary>
    public long TotalBytes => _starts[^1];

    /// <summary>Where a part begins in the object.</summary>
    public long StartOf(int index) => _starts[index];

    /// <summary>Index of the part that holds the byte at <paramref name="offset"/>.</summary>
    public int IndexAt(long offset)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(offset, TotalBytes);
        var (low, high) = (0, _parts.Length - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = _starts[middle] <= offset ? (middle, high) : (low, middle - 1);
        }

        return low;
    }

    /// <summary>The CBOR that is stored.</summary>
    public byte[] Encode()
    {
        var writer = CborFormat.Writer(16 + _parts.Length * MaxPartBytes);
        Span<byte> objectId = stackalloc byte[ObjectId.Size];
        writer.WriteStartMap(2);
        writer.WriteInt32(1);
        writer.WriteInt32(Version);
        writer.WriteInt32(2);
        writer.WriteStartArray(_parts.Length);
        foreach (ref readonly var part in _parts.AsSpan())
        {
            part.ObjectId.WriteTo(objectId);
            writer.WriteStartArray(3);
            writer.WriteInt32(part.Number);
            writer.WriteInt64(part.Bytes);
            writer.WriteByteString(objectId);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
        writer.WriteEndMap();
        return writer.Encode();
    }

    /// <summary>SHA-256 of the encoding: the digest in the head box.</summary>
    public static byte[] Digest(ReadOnlySpan<byte> cbor) => SHA256.HashData(cbor);

    /// <summary>Reads what <see cref="Encode"/> made; checks every bound before it allocates by it.</summary>
    public static bool TryDecode(ReadOnlyMemory<byte> cbor, [NotNullWhen(true)] out CompositeManifest? manifest) =>
        CborFormat.TryRead(cbor, Read, out manifest);

    private static CompositeManifest? Read(CborReader reader)
    {
        var fields = reader.ReadStartMap();
        reader.Expect(1);
        reader.Expect(Version);
        reader.Expect(2);
        var parts = new CompositePart[reader.Array(MaxParts)];
        foreach (ref var part in parts.AsSpan())
        {
            reader.ArrayOf(3);
            part = new CompositePart(
                reader.Int32(MaxParts), reader.Int64(long.MaxValue),
                ObjectId.FromBytes(reader.Bytes(ObjectId.Size, ObjectId.Size).Span));
            reader.ReadEndArray();
        }

        reader.ReadEndArray();
        reader.ReadEndMap();
        reader.End();
        return fields == 2 && TryAddUp(parts, out _) ? new CompositeManifest(parts) : null;
    }

    private static bool TryAddUp(ReadOnlySpan<CompositePart> parts, out long[] starts)
    {
        starts = [];
        if (parts.Length is < 1 or > MaxParts)
        {
            return false;
        }

        starts = new long[parts.Length + 1];
        var previous = 0;
        for (var i = 0; i < parts.Length; i++)
        {
            var part = parts[i];
            if (part.Number <= previous || part.Number > MaxParts || part.Bytes < 0
                || part.Bytes > long.MaxValue - starts[i])
            {
                return false;
            }

            starts[i + 1] = starts[i] + part.Bytes;
            previous = part.Number;
        }

        return true;
    }
}
