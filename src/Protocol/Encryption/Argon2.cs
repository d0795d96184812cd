using System.Security.Cryptography;
using NSec.Cryptography;

namespace Vault.Protocol.Encryption;

/// <summary>Argon2id version 1.3 (RFC 9106).</summary>
public static class Argon2
{
    /// <summary>libsodium, the faster of the two, takes one lane and salts of this length only.</summary>
    private const int SaltSize = 16;

    /// <summary>Derives a key from a password.</summary>
    /// <param name="password">UTF-8 bytes, already normalised (NFC) by the caller.</param>
    /// <param name="salt">At least 8 bytes.</param>
    /// <param name="parameters">Cost; refused outside the accepted ranges.</param>
    /// <param name="key">Filled, at least 16 bytes; its length is part of the result.</param>
    /// <exception cref="ArgumentException">
    /// The cost is outside the accepted ranges, or salt or key is too short.
    /// </exception>
    public static void DeriveKey(
        ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, Argon2Parameters parameters, Span<byte> key)
    {
        if (!parameters.IsAcceptable)
        {
            throw new ArgumentException("The Argon2id cost is outside the accepted ranges.", nameof(parameters));
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(salt.Length, 8, nameof(salt));
        ArgumentOutOfRangeException.ThrowIfLessThan(key.Length, 16, nameof(key));
        if (parameters.Lanes != 1 || salt.Length != SaltSize)
        {
            DeriveUnchecked(password, salt, secret: [], associatedData: [], parameters, key);
            return;
        }

        PasswordBasedKeyDerivationAlgorithm.Argon2id(new NSec.Cryptography.Argon2Parameters
        {
            DegreeOfParallelism = parameters.Lanes,
            MemorySize = parameters.MemoryKib,
            NumberOfPasses = parameters.Iterations,
        }).DeriveBytes(password, salt, key);
    }

    internal static void DeriveUnchecked(
        ReadOnlySpan<byte> password,
        ReadOnlySpan<byte> salt,
        ReadOnlySpan<byte> secret,
        ReadOnlySpan<byte> associatedData,
        Argon2Parameters parameters,
        Span<byte> key)
    {
        var copy = password.ToArray();
        using var argon2 = new Konscious.Security.Cryptography.Argon2id(copy)
        {
            Salt = salt.ToArray(),
            KnownSecret = secret.ToArray(),
            AssociatedData = associatedData.ToArray(),
            DegreeOfParallelism = parameters.Lanes,
            MemorySize = parameters.MemoryKib,
            Iterations = parameters.Iterations,
        };
        var derived = argon2.GetBytes(key.Length);
        derived.CopyTo(key);
        CryptographicOperations.ZeroMemory(derived);
        CryptographicOperations.ZeroMemory(copy);
    }
}
