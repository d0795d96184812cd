using System.Security.Cryptography;

namespace Vault.Protocol.Encryption;

/// <summary>32 secret bytes that never print and are wiped when disposed.</summary>
public sealed class SecretKey : IDisposable
{
    /// <summary>Bytes in a key.</summary>
    public const int Size = 32;

    private readonly byte[] _bytes;
    private volatile bool _disposed;

    private SecretKey(byte[] bytes) => _bytes = bytes;

    /// <summary>The bytes; do not keep copies.</summary>
    /// <exception cref="ObjectDisposedException">The key was wiped.</exception>
    public ReadOnlySpan<byte> Bytes
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _bytes;
        }
    }

    internal bool IsDisposed => _disposed;

    /// <summary>A fresh random key.</summary>
    /// <param name="longLived">See <see cref="FromBytes"/>.</param>
    public static SecretKey Generate(bool longLived = false)
    {
        var key = new SecretKey(Allocate(longLived));
        RandomNumberGenerator.Fill(key._bytes);
        return key;
    }

    /// <summary>A copy of <paramref name="bytes"/>.</summary>
    /// <param name="bytes">Exactly 32.</param>
    /// <param name="longLived">
    /// Keep the key at one place in memory, so that the collector leaves no copies behind; dear for a key that lives
    /// no longer than a request.
    /// </param>
    /// <exception cref="ArgumentException">Not exactly 32 bytes.</exception>
    public static SecretKey FromBytes(ReadOnlySpan<byte> bytes, bool longLived = false)
    {
        if (bytes.Length != Size)
        {
            throw new ArgumentException("A secret key is exactly 32 bytes.", nameof(bytes));
        }

        var key = new SecretKey(Allocate(longLived));
        bytes.CopyTo(key._bytes);
        return key;
    }

    /// <summary>HKDF-SHA256 of <paramref name="input"/>.</summary>
    /// <param name="input">Input key material.</param>
    /// <param name="salt">May be empty.</param>
    /// <param name="info">Label of the use.</param>
    /// <param name="longLived">See <see cref="FromBytes"/>.</param>
    public static SecretKey Derive(
        ReadOnlySpan<byte> input, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> info, bool longLived = false)
    {
        var key = new SecretKey(Allocate(longLived));
        ShortSha256.DeriveKey(input, salt, info, key._bytes);
        return key;
    }

    /// <summary>Compares in constant time.</summary>
    public bool FixedTimeEquals(SecretKey other) => CryptographicOperations.FixedTimeEquals(Bytes, other.Bytes);

    /// <summary>Wipes the bytes; later use throws.</summary>
    public void Dispose()
    {
        _disposed = true;
        CryptographicOperations.ZeroMemory(_bytes);
    }

    /// <summary>Never the bytes.</summary>
    public override string ToString() => "(secret key)";

    private static byte[] Allocate(bool longLived) => GC.AllocateUninitializedArray<byte>(Size, pinned: longLived);
}
