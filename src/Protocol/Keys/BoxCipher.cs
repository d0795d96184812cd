using System.Buffers.Binary;
using System.Formats.Cbor;
using Vault.Protocol.Cbor;
using Vault.Protocol.Encryption;
using Vault.Protocol.Ids;

namespace Vault.Protocol.Keys;

/// <summary>
/// AES-256-GCM boxes under one bucket key's head key:
/// version(1) = 1 ‖ key_no(u32) ‖ nonce(12, random) ‖ ciphertext ‖ tag(16).
/// </summary>
internal sealed class BoxCipher : IDisposable
{
    internal const int Overhead = HeaderSize + Aes256Gcm.TagSize;

    private const byte Version = 1;
    private const int NonceAt = 1 + sizeof(uint);
    private const int HeaderSize = NonceAt + Aes256Gcm.NonceSize;
    private const int MaxPlaintext = 1 << 16;

    private readonly Aes256Gcm _cipher;
    private long _seals;

    internal BoxCipher(BucketKey bucketKey)
    {
        BucketId = bucketKey.BucketId;
        KeyNo = bucketKey.KeyNo;
        var headKey = SecretKey.Derive(bucketKey.Key.Bytes, salt: [], "vault object head"u8, longLived: true);
        _cipher = new Aes256Gcm(headKey);
    }

    internal BucketId BucketId { get; }

    internal uint KeyNo { get; }

    internal long Seals => Interlocked.Read(ref _seals);

    internal static bool TryReadKeyNo(ReadOnlySpan<byte> box, out uint keyNo)
    {
        var valid = box.Length is >= Overhead and <= Overhead + MaxPlaintext && box[0] == Version;
        keyNo = valid ? BinaryPrimitives.ReadUInt32BigEndian(box[1..]) : 0;
        return valid;
    }

    /// <summary>Memory for what <paramref name="box"/> holds; empty for what is no box.</summary>
    internal static WipedMemory PlaintextOf(ReadOnlySpan<byte> box) =>
        new(TryReadKeyNo(box, out _) ? box.Length - Overhead : 0);

    internal byte[] Seal<T>(in BoxPlace place, T record)
        where T : class, IHeadRecord
    {
        Span<byte> nonce = stackalloc byte[Aes256Gcm.NonceSize];
        PublicRandom.Fill(nonce);
        return Seal(place, record, nonce);
    }

    /// <summary>The same with a nonce that a test chose.</summary>
    internal byte[] Seal<T>(in BoxPlace place, T record, ReadOnlySpan<byte> nonce)
        where T : class, IHeadRecord
    {
        var writer = CborFormat.Writer(record.MaxBytes);
        try
        {
            record.WriteTo(writer);
            return Seal(place, writer, nonce);
        }
        finally
        {
            writer.Reset(); // wipes
        }
    }

    /// <summary>Opens <paramref name="box"/> to <paramref name="plaintext"/> of exactly its length.</summary>
    internal bool TryOpen(ReadOnlySpan<byte> box, in BoxPlace place, Span<byte> plaintext)
    {
        if (!TryReadKeyNo(box, out var keyNo) || keyNo != KeyNo || plaintext.Length != box.Length - Overhead)
        {
            return false;
        }

        Span<byte> aad = stackalloc byte[BoxPlace.MaxSize];
        aad = aad[..place.WriteTo(aad, BucketId, KeyNo)];
        return _cipher.TryDecrypt(
            box[NonceAt..HeaderSize], box[HeaderSize..^Aes256Gcm.TagSize], box[^Aes256Gcm.TagSize..], plaintext, aad);
    }

    public void Dispose() => _cipher.Dispose();

    private byte[] Seal(in BoxPlace place, CborWriter plaintext, ReadOnlySpan<byte> nonce)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(plaintext.BytesWritten, MaxPlaintext, nameof(plaintext));
        Interlocked.Increment(ref _seals);
        var box = GC.AllocateUninitializedArray<byte>(plaintext.BytesWritten + Overhead);
        var at = box.AsSpan();
        at[0] = Version;
        BinaryPrimitives.WriteUInt32BigEndian(at[1..], KeyNo);
        nonce.CopyTo(at[NonceAt..]);
        var text = at[HeaderSize..^Aes256Gcm.TagSize];
        plaintext.Encode(text);
        Span<byte> aad = stackalloc byte[BoxPlace.MaxSize];
        aad = aad[..place.WriteTo(aad, BucketId, KeyNo)];
        _cipher.Encrypt(nonce, text, text, at[^Aes256Gcm.TagSize..], aad);
        return box;
    }
}
