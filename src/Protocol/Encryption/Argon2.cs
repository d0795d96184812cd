using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Vault.Protocol.Encryption;

/// <summary>Argon2id version 1.3 (RFC 9106) by the reference library, which wipes its memory itself.</summary>
public static partial class Argon2
{
    internal const string Library = "libargon2.so.1";
    private const uint Version13 = 0x13;

    /// <summary>Derives a key from a password.</summary>
    /// <param name="password">UTF-8 bytes, already normalised (NFC) by the caller.</param>
    /// <param name="salt">At least 8 bytes.</param>
    /// <param name="parameters">Cost; refused outside the accepted ranges.</param>
    /// <param name="key">Filled; its length is part of the result.</param>
    /// <exception cref="ArgumentException">The cost is outside the accepted ranges.</exception>
    public static void DeriveKey(
        ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, Argon2Parameters parameters, Span<byte> key)
    {
        if (!parameters.IsAcceptable)
        {
            throw new ArgumentException("The Argon2id cost is outside the accepted ranges.", nameof(parameters));
        }

        DeriveUnchecked(password, salt, secret: [], associatedData: [], parameters, key);
    }

    internal static unsafe void DeriveUnchecked(
        ReadOnlySpan<byte> password,
        ReadOnlySpan<byte> salt,
        ReadOnlySpan<byte> secret,
        ReadOnlySpan<byte> associatedData,
        Argon2Parameters parameters,
        Span<byte> key)
    {
        fixed (byte* keyAt = key, passwordAt = password, saltAt = salt, secretAt = secret, dataAt = associatedData)
        {
            var context = new Context
            {
                Out = keyAt,
                OutLength = (uint)key.Length,
                Password = passwordAt,
                PasswordLength = (uint)password.Length,
                Salt = saltAt,
                SaltLength = (uint)salt.Length,
                Secret = secretAt,
                SecretLength = (uint)secret.Length,
                Data = dataAt,
                DataLength = (uint)associatedData.Length,
                Iterations = (uint)parameters.Iterations,
                MemoryKib = (uint)parameters.MemoryKib,
                Lanes = (uint)parameters.Lanes,
                Threads = (uint)Math.Min(parameters.Lanes, Environment.ProcessorCount),
                Version = Version13,
            };
            var error = argon2id_ctx(&context);
            if (error != 0)
            {
                throw new CryptographicException($"Argon2id failed with code {error}.");
            }
        }
    }

    [LibraryImport(Library)]
    private static unsafe partial int argon2id_ctx(Context* context);

    /// <summary><c>argon2_context</c> of argon2.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private unsafe struct Context
    {
        public byte* Out;
        public uint OutLength;
        public byte* Password;
        public uint PasswordLength;
        public byte* Salt;
        public uint SaltLength;
        public byte* Secret;
        public uint SecretLength;
        public byte* Data;
        public uint DataLength;
        public uint Iterations;
        public uint MemoryKib;
        public uint Lanes;
        public uint Threads;
        public uint Version;
        public nint Allocate;
        public nint Free;
        public uint Flags;
    }
}
