using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Vault.Protocol.Encryption;

namespace Vault.Protocol.Credentials;

/// <summary>
/// The form in which the store keeps a credential record: the inner seal, sealed once more under the cluster's sealing
/// key, so that a leaked access key id and a copy of the database are not enough. A recovery record has only the inner
/// seal, because it must open when the cluster's keys are lost.
/// </summary>
/// <remarks>
/// 01 ‖ inner seal, or 02 ‖ sealing_key_id(u32) ‖ nonce(12) ‖ ciphertext ‖ tag(16): docs/spec/credentials.md, section
/// 3.
/// </remarks>
public static class SealedCredential
{
    private const byte RecoveryForm = 1;
    private const byte WrappedForm = 2;
    private const int NonceAt = 1 + sizeof(uint);
    private const int HeaderSize = NonceAt + Aes256Gcm.NonceSize;
    private const int Overhead = HeaderSize + Aes256Gcm.TagSize;
    private const int AadSize = 16 + CredentialLookup.Size + sizeof(uint);

    /// <summary>Seals a record under its access key id and the cluster's active sealing key.</summary>
    public static byte[] Seal(CredentialRecord record, AccessKeyId id, ClusterKeys keys)
    {
        var inner = record.Seal(id);
        var box = new byte[inner.Length + Overhead];
        box[0] = WrappedForm;
        BinaryPrimitives.WriteUInt32BigEndian(box.AsSpan(1), keys.Sealing.ActiveId);
        var nonce = box.AsSpan(NonceAt, Aes256Gcm.NonceSize);
        RandomNumberGenerator.Fill(nonce);
        Span<byte> aad = stackalloc byte[AadSize];
        WriteAad(aad, id.Lookup, keys.Sealing.ActiveId);
        using var cipher = new AesGcm(keys.Sealing.Active.Bytes, Aes256Gcm.TagSize);
        cipher.Encrypt(nonce, inner, box.AsSpan(HeaderSize, inner.Length), box.AsSpan(^Aes256Gcm.TagSize..), aad);
        return box;
    }

    /// <summary>Seals a recovery record under its access key id alone.</summary>
    public static byte[] SealRecovery(CredentialRecord record, AccessKeyId id) => [RecoveryForm, .. record.Seal(id)];

    /// <summary>
    /// Opens either form; false when a key is wrong or missing, or the box is not of this credential.
    /// </summary>
    public static bool TryOpen(
        ReadOnlySpan<byte> box, AccessKeyId id, ClusterKeys keys, [NotNullWhen(true)] out CredentialRecord? record)
    {
        record = null;
        if (box.Length is < 1 or > CredentialRecord.MaxSealedBytes + Overhead)
        {
            return false;
        }

        return box[0] switch
        {
            RecoveryForm => CredentialRecord.TryOpen(box[1..], id, out record),
            WrappedForm => TryUnwrap(box, id.Lookup, keys, out var inner)
                && CredentialRecord.TryOpen(inner, id, out record),
            _ => false,
        };
    }

    private static bool TryUnwrap(
        ReadOnlySpan<byte> box, CredentialLookup lookup, ClusterKeys keys, [NotNullWhen(true)] out byte[]? inner)
    {
        inner = null;
        if (box.Length < Overhead
            || !keys.Sealing.TryGet(BinaryPrimitives.ReadUInt32BigEndian(box[1..]), out var key))
        {
            return false;
        }

        Span<byte> aad = stackalloc byte[AadSize];
        WriteAad(aad, lookup, BinaryPrimitives.ReadUInt32BigEndian(box[1..]));
        var plain = new byte[box.Length - Overhead];
        using var cipher = new AesGcm(key.Bytes, Aes256Gcm.TagSize);
        try
        {
            var nonce = box[NonceAt..HeaderSize];
            var tag = box[^Aes256Gcm.TagSize..];
            cipher.Decrypt(nonce, box[HeaderSize..^Aes256Gcm.TagSize], tag, plain, aad);
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }

        inner = plain;
        return true;
    }

    private static void WriteAad(Span<byte> aad, CredentialLookup lookup, uint sealingKeyId)
    {
        "VAULT-CREDENTIAL"u8.CopyTo(aad);
        lookup.WriteTo(aad[16..]);
        BinaryPrimitives.WriteUInt32BigEndian(aad[(16 + CredentialLookup.Size)..], sealingKeyId);
    }
}
