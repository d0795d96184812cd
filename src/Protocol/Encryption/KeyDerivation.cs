namespace Vault.Protocol.Encryption;

/// <summary>The keys that hang off an object's root.</summary>
/// <remarks>docs/spec/chunks.md, section 1.</remarks>
public static class KeyDerivation
{
    /// <summary>Bytes in every key of the tree.</summary>
    public const int KeySize = SecretKey.Size;

    /// <summary>The key of a body's chunks.</summary>
    public static void ChunkKey(ReadOnlySpan<byte> root, ReadOnlySpan<byte> salt, Span<byte> key) =>
        Derive(root, salt, "snp1 chunk encryption"u8, key);

    /// <summary>The key that authenticates an exported manifest.</summary>
    public static void ManifestKey(ReadOnlySpan<byte> root, ReadOnlySpan<byte> salt, Span<byte> key) =>
        Derive(root, salt, "snp1 manifest auth"u8, key);

    /// <summary>The key of audit challenges.</summary>
    public static void AuditKey(ReadOnlySpan<byte> root, ReadOnlySpan<byte> salt, Span<byte> key) =>
        Derive(root, salt, "snp1 audit challenges"u8, key);

    private static void Derive(
        ReadOnlySpan<byte> root, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> info, Span<byte> key)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(root.Length, KeySize, nameof(root));
        ArgumentOutOfRangeException.ThrowIfNotEqual(salt.Length, BodyAttempt.SaltSize, nameof(salt));
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, KeySize, nameof(key));
        ShortSha256.DeriveKey(root, salt, info, key);
    }
}
