using Vault.Protocol.Encryption;

namespace Vault.Protocol.Keys;

/// <summary>An X25519 key pair; the private half never prints and is wiped when disposed.</summary>
public sealed class KeyPair : IDisposable
{
    private readonly byte[] _publicKey;

    private KeyPair(SecretKey privateKey)
    {
        PrivateKey = privateKey;
        _publicKey = X25519.PublicKey(privateKey.Bytes);
    }

    /// <summary>The private key; owned.</summary>
    public SecretKey PrivateKey { get; }

    /// <summary>The 32-byte public key.</summary>
    public ReadOnlySpan<byte> PublicKey => _publicKey;

    /// <summary>A fresh pair.</summary>
    public static KeyPair Generate() => new(SecretKey.Generate(longLived: true));

    /// <summary>The pair of a private key, which is copied.</summary>
    /// <exception cref="ArgumentException">Not exactly 32 bytes.</exception>
    public static KeyPair FromPrivateKey(ReadOnlySpan<byte> privateKey) =>
        new(SecretKey.FromBytes(privateKey, longLived: true));

    /// <summary>Wipes the private key.</summary>
    public void Dispose() => PrivateKey.Dispose();

    /// <summary>Never the private key.</summary>
    public override string ToString() => $"key pair {Convert.ToHexStringLower(_publicKey.AsSpan(0, 4))}";
}
