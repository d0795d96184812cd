using System.Security.Cryptography;
using System.Text;

namespace Vault.Protocol.SigV4;

/// <summary>
/// The secret of one credential and its last few derived signing keys (date, region, service). Keep one with the
/// cached credential: a request then costs no key derivation. Safe to use from several threads.
/// </summary>
public sealed class SigningKeys : IDisposable
{
    /// <summary>Length of a signing key.</summary>
    public const int KeyBytes = 32;

    private const int Slots = 4;

    private readonly byte[] secret;
    private readonly Entry?[] entries = new Entry?[Slots];
    private int next;

    /// <summary>Keeps a copy of the secret access key.</summary>
    public SigningKeys(ReadOnlySpan<char> secretAccessKey)
    {
        secret = new byte[4 + Encoding.UTF8.GetByteCount(secretAccessKey)];
        "AWS4"u8.CopyTo(secret);
        Encoding.UTF8.GetBytes(secretAccessKey, secret.AsSpan(4));
    }

    /// <summary>Writes the signing key of a scope.</summary>
    /// <param name="date">8 digits.</param>
    /// <param name="region">Region.</param>
    /// <param name="service">Service.</param>
    /// <param name="key">32 bytes.</param>
    public void CopyKey(
        ReadOnlySpan<char> date, ReadOnlySpan<char> region, ReadOnlySpan<char> service, Span<byte> key)
    {
        foreach (var entry in entries)
        {
            if (entry is not null && entry.Is(date, region, service))
            {
                entry.Key.CopyTo(key);
                return;
            }
        }

        Derive(date, region, service, key);
        var slot = Interlocked.Increment(ref next) & (Slots - 1);
        Volatile.Write(
            ref entries[slot],
            new Entry(date.ToString(), region.ToString(), service.ToString(), key[..KeyBytes].ToArray()));
    }

    /// <summary>Clears the secret and the keys; nothing may use the object afterwards.</summary>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(secret);
        foreach (var entry in entries)
            CryptographicOperations.ZeroMemory(entry?.Key);
        Array.Clear(entries);
    }

    /// <summary>Nothing secret.</summary>
    public override string ToString() => "SigningKeys(redacted)";

    private void Derive(
        ReadOnlySpan<char> date, ReadOnlySpan<char> region, ReadOnlySpan<char> service, Span<byte> key)
    {
        var text = new ByteBuilder(stackalloc byte[256]);
        text.Append(date);
        text.Append(region);
        text.Append(service);
        var (regionAt, serviceAt) = (date.Length, text.Length - Encoding.UTF8.GetByteCount(service));
        Span<byte> step = stackalloc byte[KeyBytes];
        HMACSHA256.HashData(secret, text.Written[..regionAt], step);
        HMACSHA256.HashData(step, text.Written[regionAt..serviceAt], key);
        HMACSHA256.HashData(key[..KeyBytes], text.Written[serviceAt..], step);
        HMACSHA256.HashData(step, "aws4_request"u8, key);
        CryptographicOperations.ZeroMemory(step);
        text.Dispose();
    }

    private sealed record Entry(string Date, string Region, string Service, byte[] Key)
    {
        public bool Is(ReadOnlySpan<char> date, ReadOnlySpan<char> region, ReadOnlySpan<char> service) =>
            date.SequenceEqual(Date) && region.SequenceEqual(Region) && service.SequenceEqual(Service);

        public override string ToString() => "Entry(redacted)";
    }
}
