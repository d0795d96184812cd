using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Vault.Storage.Shards;

/// <summary>Keys and MACs of the shard protocol.</summary>
/// <remarks>docs/spec/shards.md, section 2.</remarks>
internal static class ShardMac
{
    public const int Size = 32;
    public const int NonceSize = 32;
    public const int SessionIdSize = 16;

    /// <summary>Longest request target.</summary>
    public const int MaxTarget = 256;

    private const int MaxMethod = 8;

    /// <summary>The MAC of what has no body, or of a body that proves itself another way.</summary>
    public static ReadOnlySpan<byte> NoHash => new byte[SHA256.HashSizeInBytes];

    /// <summary>The key that handshakes are signed with.</summary>
    public static byte[] BaseKey(ReadOnlySpan<byte> clusterSecret)
    {
        var key = new byte[Size];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, clusterSecret, key, default, "vault shard protocol 1"u8);
        return key;
    }

    public static byte[] SessionKey(
        ReadOnlySpan<byte> baseKey, ReadOnlySpan<byte> clientNonce, ReadOnlySpan<byte> serverNonce,
        ReadOnlySpan<byte> sessionId)
    {
        Span<byte> salt = stackalloc byte[2 * NonceSize];
        clientNonce.CopyTo(salt);
        serverNonce.CopyTo(salt[NonceSize..]);
        Span<byte> info = stackalloc byte[21 + SessionIdSize];
        "vault shard session 1"u8.CopyTo(info);
        sessionId.CopyTo(info[21..]);
        var key = new byte[Size];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, baseKey, key, salt, info);
        return key;
    }

    public static void Hello(ReadOnlySpan<byte> baseKey, ReadOnlySpan<byte> clientNonce, Span<byte> mac)
    {
        Span<byte> text = stackalloc byte[17 + NonceSize];
        "VAULT-SHARD-HELLO"u8.CopyTo(text);
        clientNonce.CopyTo(text[17..]);
        HMACSHA256.HashData(baseKey, text, mac);
    }

    public static void Welcome(
        ReadOnlySpan<byte> sessionKey, ReadOnlySpan<byte> clientNonce, ReadOnlySpan<byte> serverNonce, Span<byte> mac)
    {
        Span<byte> text = stackalloc byte[19 + 2 * NonceSize];
        "VAULT-SHARD-WELCOME"u8.CopyTo(text);
        clientNonce.CopyTo(text[19..]);
        serverNonce.CopyTo(text[(19 + NonceSize)..]);
        HMACSHA256.HashData(sessionKey, text, mac);
    }

    /// <summary>False when method or target are longer than any request of ours.</summary>
    public static bool TryRequest(
        ReadOnlySpan<byte> key, ulong counter, string method, string target, long length, ReadOnlySpan<byte> bodyHash,
        Span<byte> mac)
    {
        if (method.Length > MaxMethod || target.Length > MaxTarget) return false;
        Span<byte> text = stackalloc byte[15 + 8 + 2 + MaxMethod + 2 + MaxTarget + 8 + SHA256.HashSizeInBytes];
        "VAULT-SHARD-REQ"u8.CopyTo(text);
        var at = 15;
        BinaryPrimitives.WriteUInt64BigEndian(text[at..], counter);
        at += 8;
        if (!TryAppend(text, ref at, method) || !TryAppend(text, ref at, target)) return false;
        BinaryPrimitives.WriteInt64BigEndian(text[at..], length);
        bodyHash.CopyTo(text[(at + 8)..]);
        HMACSHA256.HashData(key, text[..(at + 8 + bodyHash.Length)], mac);
        return true;
    }

    public static void Answer(
        ReadOnlySpan<byte> key, ulong counter, int status, long length, ReadOnlySpan<byte> bodyHash, Span<byte> mac)
    {
        Span<byte> text = stackalloc byte[15 + 8 + 2 + 8 + SHA256.HashSizeInBytes];
        "VAULT-SHARD-RES"u8.CopyTo(text);
        BinaryPrimitives.WriteUInt64BigEndian(text[15..], counter);
        BinaryPrimitives.WriteUInt16BigEndian(text[23..], (ushort)status);
        BinaryPrimitives.WriteInt64BigEndian(text[25..], length);
        bodyHash.CopyTo(text[33..]);
        HMACSHA256.HashData(key, text[..(33 + bodyHash.Length)], mac);
    }

    private static bool TryAppend(Span<byte> text, ref int at, string value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(text[at..], (ushort)value.Length);
        at += 2;
        if (!Ascii.IsValid(value)) return false;
        at += Encoding.ASCII.GetBytes(value, text[at..]);
        return true;
    }
}
