using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json;
using Vault.Protocol.Encryption;
using Vault.Protocol.Keys;

namespace Vault.Protocol.Credentials;

/// <summary>What a registered credential's sealed record holds.</summary>
/// <remarks>
/// Plaintext: canonical JSON <c>{"macaroon","secret_access_key"[,"x25519_private_key"]}</c>; inner seal: AES-256-GCM
/// under the access key id's record key, nonce zero, authenticated with the lookup. docs/spec/credentials.md, section
/// 2.
/// </remarks>
public sealed class CredentialRecord : IDisposable
{
    /// <summary>Most bytes in an inner seal that we open.</summary>
    public const int MaxSealedBytes = 16 << 10;

    private static readonly SearchValues<char> MacaroonCharacters = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    private static readonly JsonEncodedText MacaroonName = JsonEncodedText.Encode("macaroon");
    private static readonly JsonEncodedText SecretName = JsonEncodedText.Encode("secret_access_key");
    private static readonly JsonEncodedText PrivateKeyName = JsonEncodedText.Encode("x25519_private_key");

    /// <summary>Text form of the macaroon that the credential stands for.</summary>
    public required string Macaroon { get; init; }

    /// <summary>Secret access key; owned.</summary>
    public required SecretAccessKey SecretAccessKey { get; init; }

    /// <summary>The pair to which project and bucket keys are boxed for this credential, if any; owned.</summary>
    public KeyPair? Pair { get; init; }

    /// <summary>The inner seal. An access key id seals once in its life: a changed record gets a new id.</summary>
    /// <exception cref="ArgumentException">The macaroon is not base64url text.</exception>
    public byte[] Seal(AccessKeyId id)
    {
        var plain = ToJson();
        var box = new byte[plain.Length + Aes256Gcm.TagSize];
        Span<byte> nonce = stackalloc byte[Aes256Gcm.NonceSize];
        Span<byte> lookup = stackalloc byte[CredentialLookup.Size];
        nonce.Clear();
        id.Lookup.WriteTo(lookup);
        using var key = id.RecordKey();
        using var cipher = new AesGcm(key.Bytes, Aes256Gcm.TagSize);
        cipher.Encrypt(nonce, plain, box.AsSpan(0, plain.Length), box.AsSpan(plain.Length), lookup);
        CryptographicOperations.ZeroMemory(plain);
        return box;
    }

    /// <summary>Opens an inner seal; false when it was not made under this id or holds no record.</summary>
    public static bool TryOpen(
        ReadOnlySpan<byte> box, AccessKeyId id, [NotNullWhen(true)] out CredentialRecord? record)
    {
        record = null;
        if (box.Length is < Aes256Gcm.TagSize or > MaxSealedBytes)
        {
            return false;
        }

        var plain = new byte[box.Length - Aes256Gcm.TagSize];
        Span<byte> nonce = stackalloc byte[Aes256Gcm.NonceSize];
        Span<byte> lookup = stackalloc byte[CredentialLookup.Size];
        nonce.Clear();
        id.Lookup.WriteTo(lookup);
        using var key = id.RecordKey();
        using var cipher = new AesGcm(key.Bytes, Aes256Gcm.TagSize);
        try
        {
            cipher.Decrypt(nonce, box[..plain.Length], box[plain.Length..], plain, lookup);
            return TryParse(plain, out record);
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    /// <summary>Wipes the secret and the private key.</summary>
    public void Dispose()
    {
        SecretAccessKey.Dispose();
        Pair?.Dispose();
    }

    /// <summary>Never the contents.</summary>
    public override string ToString() => nameof(CredentialRecord);

    private byte[] ToJson()
    {
        if (Macaroon.AsSpan().ContainsAnyExcept(MacaroonCharacters))
        {
            throw new ArgumentException("The macaroon's text form is base64url.");
        }

        var buffer = new ArrayBufferWriter<byte>(MaxSealedBytes);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteString(MacaroonName, Macaroon);
        json.WriteString(SecretName, SecretAccessKey.Ascii);
        if (Pair is not null)
        {
            Span<byte> text = stackalloc byte[Base64Url.GetEncodedLength(SecretKey.Size)];
            Base64Url.EncodeToUtf8(Pair.PrivateKey.Bytes, text);
            json.WriteString(PrivateKeyName, text);
            CryptographicOperations.ZeroMemory(text);
        }

        json.WriteEndObject();
        json.Flush();
        var plain = buffer.WrittenSpan.ToArray();
        buffer.Clear();
        return plain.Length <= MaxSealedBytes - Aes256Gcm.TagSize
            ? plain
            : throw new ArgumentException("The record is too large.");
    }

    private static bool TryParse(ReadOnlySpan<byte> plain, [NotNullWhen(true)] out CredentialRecord? record)
    {
        record = null;
        string? macaroon = null;
        SecretAccessKey? secret = null;
        KeyPair? pair = null;
        try
        {
            var reader = new Utf8JsonReader(plain);
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isMacaroon = reader.ValueTextEquals(MacaroonName.EncodedUtf8Bytes);
                var isSecret = reader.ValueTextEquals(SecretName.EncodedUtf8Bytes);
                var isPrivateKey = reader.ValueTextEquals(PrivateKeyName.EncodedUtf8Bytes);
                reader.Read();
                if (isMacaroon)
                {
                    macaroon = reader.GetString();
                }
                else if (isSecret && !SecretAccessKey.TryParse(reader.GetString(), out secret))
                {
                    return false;
                }
                else if (isPrivateKey && !TryReadPair(reader.GetString(), out pair))
                {
                    return false;
                }
                else
                {
                    reader.Skip();
                }
            }
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            return false;
        }

        record = macaroon is not null && secret is not null
            ? new CredentialRecord { Macaroon = macaroon, SecretAccessKey = secret, Pair = pair }
            : null;
        return record is not null;
    }

    private static bool TryReadPair(ReadOnlySpan<char> text, [NotNullWhen(true)] out KeyPair? pair)
    {
        Span<byte> key = stackalloc byte[SecretKey.Size];
        pair = text.Length == Base64Url.GetEncodedLength(SecretKey.Size)
            && Base64Url.TryDecodeFromChars(text, key, out var length) && length == SecretKey.Size
                ? KeyPair.FromPrivateKey(key)
                : null;
        CryptographicOperations.ZeroMemory(key);
        return pair is not null;
    }
}
