using System.Buffers.Binary;
using Vault.Protocol.Encryption;
using Vault.Protocol.Ids;

namespace Vault.S3Gateway.Objects;

/// <summary>
/// Bodies up to 4 KiB, kept beside the head: object_id(16) ‖ salt(16) ‖ chunk payload, which is nonce(12) ‖
/// ciphertext ‖ tag(16).
/// </summary>
internal static class InlineBody
{
    /// <summary>Most plaintext bytes.</summary>
    public const int MaxBytes = 4096;

    private const int PayloadAt = ObjectId.Size + BodyAttempt.SaltSize;

    /// <summary>Room for a body of <paramref name="length"/> bytes; fill <see cref="Plaintext"/>, then seal.</summary>
    public static byte[] Allocate(int length) =>
        GC.AllocateUninitializedArray<byte>(PayloadAt + ChunkCipher.Overhead + length);

    /// <summary>Where the plaintext goes, and is before it is sealed.</summary>
    public static Memory<byte> Plaintext(byte[] body) =>
        body.AsMemory(PayloadAt + ChunkCipher.NonceSize, body.Length - PayloadAt - ChunkCipher.Overhead);

    /// <summary>Encrypts in place.</summary>
    public static void Seal(byte[] body, SecretKey root, DateTimeOffset now)
    {
        var attempt = BodyAttempt.New(now);
        attempt.ObjectId.WriteTo(body);
        BinaryPrimitives.WriteUInt128BigEndian(body.AsSpan(ObjectId.Size), attempt.Salt);
        using var cipher = new ChunkCipher(root.Bytes, attempt);
        cipher.EncryptInPlace(body.AsSpan(PayloadAt), 0, final: true);
    }

    /// <summary>Plaintext bytes of a stored body.</summary>
    public static int LengthOf(ReadOnlyMemory<byte> body) => body.Length - PayloadAt - ChunkCipher.Overhead;

    /// <summary>Decrypts to <paramref name="plaintext"/>, which is exactly as long as the body.</summary>
    public static bool TryOpen(ReadOnlySpan<byte> body, SecretKey root, Span<byte> plaintext)
    {
        if (body.Length != PayloadAt + ChunkCipher.Overhead + plaintext.Length)
            return false;
        var payload = body[PayloadAt..];
        var attempt = new BodyAttempt(
            ObjectId.FromBytes(body[..ObjectId.Size]),
            BinaryPrimitives.ReadUInt128BigEndian(body[ObjectId.Size..]),
            BinaryPrimitives.ReadUInt32BigEndian(payload));
        using var cipher = new ChunkCipher(root.Bytes, attempt);
        return cipher.TryDecrypt(payload, 0, final: true, plaintext);
    }
}
