namespace Vault.Protocol.Encryption;

/// <summary>BLAKE2b without a key.</summary>
public static class Blake2b
{
    /// <summary>Fills <paramref name="hash"/>, 32 to 64 bytes, with the hash of that length.</summary>
    public static void Hash(ReadOnlySpan<byte> message, Span<byte> hash) =>
        new NSec.Cryptography.Blake2b(hash.Length).Hash(message, hash);
}
