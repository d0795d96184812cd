using System.Buffers.Binary;
using Vault.Protocol.Ids;

namespace Vault.Protocol.Encryption;

/// <summary>
/// What makes one attempt to store a body unlike any other: drawn anew for each PutObject, each UploadPart and each
/// retry, so no chunk key and nonce ever meet twice.
/// </summary>
/// <param name="ObjectId">Identity of the body; part of each chunk's authenticated data.</param>
/// <param name="Salt">16 bytes that turn the object's root into this body's chunk key.</param>
/// <param name="NoncePrefix">First 4 bytes of each chunk's nonce.</param>
public readonly record struct BodyAttempt(ObjectId ObjectId, UInt128 Salt, uint NoncePrefix)
{
    /// <summary>Bytes of the salt.</summary>
    public const int SaltSize = 16;

    /// <summary>Bytes of the nonce prefix.</summary>
    public const int NoncePrefixSize = 4;

    /// <summary>A fresh attempt.</summary>
    public static BodyAttempt New(DateTimeOffset now)
    {
        Span<byte> random = stackalloc byte[SaltSize + NoncePrefixSize];
        PublicRandom.Fill(random);
        return new BodyAttempt(
            ObjectId.New(now),
            BinaryPrimitives.ReadUInt128BigEndian(random),
            BinaryPrimitives.ReadUInt32BigEndian(random[SaltSize..]));
    }
}
