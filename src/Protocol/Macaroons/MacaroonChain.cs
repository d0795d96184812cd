using System.Security.Cryptography;

namespace Vault.Protocol.Macaroons;

/// <summary>The chain of HMAC-SHA256 values of a macaroon.</summary>
internal static class MacaroonChain
{
    private const int Size = Macaroon.SignatureBytes;

    private static ReadOnlySpan<byte> BindingKey => new byte[Size];

    public static void DeriveKey(ReadOnlySpan<byte> rootKey, Span<byte> derived) =>
        HMACSHA256.HashData("macaroons-key-generator"u8, rootKey, derived);

    public static void Begin(ReadOnlySpan<byte> derivedKey, ReadOnlySpan<byte> identifier, Span<byte> signature) =>
        HMACSHA256.HashData(derivedKey, identifier, signature);

    public static void AddFirstParty(ReadOnlySpan<byte> signature, ReadOnlySpan<byte> id, Span<byte> next) =>
        HMACSHA256.HashData(signature, id, next);

    public static void AddThirdParty(
        ReadOnlySpan<byte> signature, ReadOnlySpan<byte> verificationId, ReadOnlySpan<byte> id, Span<byte> next) =>
        HashPair(signature, verificationId, id, next);

    public static void Bind(ReadOnlySpan<byte> root, ReadOnlySpan<byte> discharge, Span<byte> bound) =>
        HashPair(BindingKey, root, discharge, bound);

    public static void Add(ReadOnlySpan<byte> signature, MacaroonCaveat caveat, Span<byte> next)
    {
        if (caveat.VerificationIdBytes is { } verificationId)
            AddThirdParty(signature, verificationId, caveat.IdBytes, next);
        else
            AddFirstParty(signature, caveat.IdBytes, next);
    }

    private static void HashPair(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Span<byte> result)
    {
        Span<byte> pair = stackalloc byte[Size * 2];
        HMACSHA256.HashData(key, first, pair);
        HMACSHA256.HashData(key, second, pair[Size..]);
        HMACSHA256.HashData(key, pair, result);
    }
}
