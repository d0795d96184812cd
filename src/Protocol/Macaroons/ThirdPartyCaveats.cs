using System.Security.Cryptography;
using Vault.Protocol.Encryption;

namespace Vault.Protocol.Macaroons;

/// <summary>
/// The sealed key of a third-party caveat: <c>nonce(24) ‖ secretbox(signature, nonce, derived key)</c>.
/// </summary>
internal static class ThirdPartyCaveats
{
    public const int VerificationIdBytes = SecretBox.NonceSize + SecretBox.Overhead + Macaroon.SignatureBytes;

    public static byte[] Seal(ReadOnlySpan<byte> signature, ReadOnlySpan<byte> caveatKey, ReadOnlySpan<byte> nonce)
    {
        Span<byte> derived = stackalloc byte[Macaroon.SignatureBytes];
        MacaroonChain.DeriveKey(caveatKey, derived);
        var result = new byte[VerificationIdBytes];
        var head = result.AsSpan(0, SecretBox.NonceSize);
        if (nonce.IsEmpty)
            RandomNumberGenerator.Fill(head);
        else
            nonce.CopyTo(head);
        SecretBox.Seal(signature, head, derived, result.AsSpan(SecretBox.NonceSize));
        CryptographicOperations.ZeroMemory(derived);
        return result;
    }

    public static bool TryOpen(
        ReadOnlySpan<byte> signature, ReadOnlySpan<byte> verificationId, Span<byte> derivedKey) =>
        verificationId.Length == VerificationIdBytes
        && SecretBox.TryOpen(
            signature, verificationId[..SecretBox.NonceSize], verificationId[SecretBox.NonceSize..], derivedKey);
}
