using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Vault.Protocol.Checksums;
using Vault.Protocol.Text;

namespace Vault.Protocol.Credentials;

/// <summary>
/// The text that brings a project back when all its credentials are lost: a registered credential that may only mint.
/// Shown once; <c>vrk1</c> and base32(raw(16) ‖ secret(32) ‖ CRC-32C(u32) of both), so that a slip of the pen is
/// noticed.
/// </summary>
/// <remarks>docs/spec/credentials.md, section 4.</remarks>
public static class RecoveryKey
{
    private const string Prefix = "vrk1";
    private const int CrcAt = AccessKeyId.RawSize + SecretAccessKey.RawSize;
    private const int Size = CrcAt + sizeof(uint);
    private const int Length = 4 + (Size * 8 + 4) / 5;
    private const int MaxTyped = 256;

    /// <summary>A fresh recovery key: the text for its owner and the credential to register.</summary>
    public static (string Text, AccessKey Key) Generate()
    {
        Span<byte> bytes = stackalloc byte[Size];
        RandomNumberGenerator.Fill(bytes[..CrcAt]);
        var result = FromBytes(bytes);
        CryptographicOperations.ZeroMemory(bytes);
        return result;
    }

    /// <summary>Reads the text; capitals and the spaces, hyphens and line ends of a printout do not matter.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out AccessKey? key)
    {
        key = null;
        Span<char> clean = stackalloc char[Length];
        if (text.Length > MaxTyped || !TryClean(text, clean) || !clean.StartsWith(Prefix))
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[Size];
        if (Base32.TryDecode(clean[Prefix.Length..], bytes)
            && BinaryPrimitives.ReadUInt32BigEndian(bytes[CrcAt..]) == Crc32C.Compute(bytes[..CrcAt]))
        {
            key = KeyOf(bytes);
        }

        clean.Clear();
        CryptographicOperations.ZeroMemory(bytes);
        return key is not null;
    }

    internal static (string Text, AccessKey Key) FromBytes(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt32BigEndian(bytes[CrcAt..], Crc32C.Compute(bytes[..CrcAt]));
        return (Prefix + Base32.Encode(bytes), KeyOf(bytes));
    }

    private static AccessKey KeyOf(ReadOnlySpan<byte> bytes) => new(
        AccessKeyId.FromRaw(bytes[..AccessKeyId.RawSize]),
        SecretAccessKey.FromRaw(bytes[AccessKeyId.RawSize..CrcAt]));

    private static bool TryClean(ReadOnlySpan<char> text, Span<char> clean)
    {
        var length = 0;
        foreach (var character in text)
        {
            if (character is ' ' or '-' or '\r' or '\n' or '\t')
            {
                continue;
            }

            if (length == clean.Length)
            {
                return false;
            }

            clean[length++] = char.ToLowerInvariant(character);
        }

        return length == clean.Length;
    }
}
