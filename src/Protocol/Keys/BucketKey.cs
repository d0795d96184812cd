using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Vault.Protocol.Encryption;
using Vault.Protocol.Ids;

namespace Vault.Protocol.Keys;

/// <summary>One generation of a bucket's key. Outside memory it exists only boxed to public keys.</summary>
/// <remarks>A box holds bucket_id(16) ‖ key_no(u32) ‖ key(32): docs/spec/keys.md, section 2.</remarks>
public sealed class BucketKey(BucketId bucketId, uint keyNo, SecretKey key) : IDisposable
{
    /// <summary>Bytes in a box.</summary>
    public const int BoxSize = PlainSize + SealedBox.Overhead;

    /// <summary>After this many seals the next generation is due.</summary>
    public const long MaxSeals = 1L << 30;

    private const int PlainSize = BucketId.Size + sizeof(uint) + SecretKey.Size;

    /// <summary>Which bucket.</summary>
    public BucketId BucketId { get; } = bucketId;

    /// <summary>Which generation, from 1.</summary>
    public uint KeyNo { get; } = keyNo;

    /// <summary>The key; owned.</summary>
    public SecretKey Key { get; } = key;

    /// <summary>A fresh random key.</summary>
    public static BucketKey Generate(BucketId bucketId, uint keyNo) =>
        new(bucketId, keyNo, SecretKey.Generate(longLived: true));

    /// <summary>Boxes this key to an X25519 public key: the owner's, a grantee's or the cluster's.</summary>
    public byte[] Seal(ReadOnlySpan<byte> publicKey)
    {
        Span<byte> plain = stackalloc byte[PlainSize];
        BucketId.WriteTo(plain);
        BinaryPrimitives.WriteUInt32BigEndian(plain[BucketId.Size..], KeyNo);
        Key.Bytes.CopyTo(plain[(BucketId.Size + sizeof(uint))..]);
        var box = SealedBox.Seal(plain, publicKey);
        CryptographicOperations.ZeroMemory(plain);
        return box;
    }

    /// <summary>
    /// Opens a box; false when it was not made for this pair or is not of this bucket and generation.
    /// </summary>
    public static bool TryOpen(
        ReadOnlySpan<byte> box,
        BucketId bucketId,
        uint keyNo,
        KeyPair recipient,
        [NotNullWhen(true)] out BucketKey? bucketKey)
    {
        Span<byte> plain = stackalloc byte[PlainSize];
        bucketKey = SealedBox.TryOpen(box, recipient.PublicKey, recipient.PrivateKey.Bytes, plain)
            && BucketId.FromBytes(plain[..BucketId.Size]) == bucketId
            && BinaryPrimitives.ReadUInt32BigEndian(plain[BucketId.Size..]) == keyNo
                ? new BucketKey(
                    bucketId, keyNo, SecretKey.FromBytes(plain[(BucketId.Size + sizeof(uint))..], longLived: true))
                : null;
        CryptographicOperations.ZeroMemory(plain);
        return bucketKey is not null;
    }

    /// <summary>Wipes the key.</summary>
    public void Dispose() => Key.Dispose();

    /// <summary>Never the key.</summary>
    public override string ToString() => $"bucket key {KeyNo} of {BucketId}";
}
