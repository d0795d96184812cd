using System.Buffers.Binary;
using Vault.Protocol.Ids;

namespace Vault.Protocol.Keys;

/// <summary>Where a box belongs; becomes its authenticated data, so that no box opens anywhere else.</summary>
internal readonly ref struct BoxPlace(
    ReadOnlySpan<byte> label, UInt128 id, ReadOnlySpan<byte> keyHash, uint partNumber = 0, ObjectId objectId = default)
{
    /// <summary>
    /// Label(≤ 12) ‖ bucket_id(16) ‖ key_no(u32) ‖ id(16) ‖ SHA-256(key)(32), and for parts (number above 0)
    /// part_number(u32) ‖ object_id(16).
    /// </summary>
    internal const int MaxSize = 12 + 16 + 4 + 16 + 32 + 4 + 16;

    private readonly ReadOnlySpan<byte> _label = label;
    private readonly ReadOnlySpan<byte> _keyHash = keyHash;

    /// <summary>Writes the authenticated data and gives its length.</summary>
    internal int WriteTo(Span<byte> aad, BucketId bucketId, uint keyNo)
    {
        _label.CopyTo(aad);
        var at = _label.Length;
        bucketId.WriteTo(aad[at..]);
        at += BucketId.Size;
        BinaryPrimitives.WriteUInt32BigEndian(aad[at..], keyNo);
        at += sizeof(uint);
        BinaryPrimitives.WriteUInt128BigEndian(aad[at..], id);
        at += 16;
        _keyHash.CopyTo(aad[at..]);
        at += _keyHash.Length;
        if (partNumber != 0)
        {
            BinaryPrimitives.WriteUInt32BigEndian(aad[at..], partNumber);
            at += sizeof(uint);
            objectId.WriteTo(aad[at..]);
            at += ObjectId.Size;
        }

        return at;
    }
}
