using Vault.Protocol.Encryption;

namespace Vault.Protocol.SigV4;

/// <summary>The string to sign of a request: algorithm, time, scope, hash of the canonical request.</summary>
internal static class StringToSign
{
    public static void Append(
        ref ByteBuilder to,
        scoped ReadOnlySpan<char> timestamp,
        scoped ReadOnlySpan<char> scope,
        scoped ReadOnlySpan<byte> canonicalRequest)
    {
        Span<byte> hash = stackalloc byte[32];
        ShortSha256.Hash(canonicalRequest, hash);
        to.Append(SigV4Claim.Algorithm);
        to.Append((byte)'\n');
        to.Append(timestamp);
        to.Append((byte)'\n');
        to.Append(scope);
        to.Append((byte)'\n');
        to.AppendHex(hash);
    }

    /// <summary>Signature of a request.</summary>
    public static void Sign<TRequest>(
        in TRequest request,
        scoped ReadOnlySpan<byte> signingKey,
        in SignatureInput input,
        bool verbatimPath,
        scoped Span<byte> signature)
        where TRequest : ISigV4Request, allows ref struct
    {
        var canonical = new ByteBuilder(stackalloc byte[1536]);
        CanonicalRequest.Append(
            ref canonical, request, input.SignedHeaders, input.Payload, input.IsPresigned, verbatimPath);
        var text = new ByteBuilder(stackalloc byte[320]);
        Append(ref text, input.Timestamp, input.Scope, canonical.Written);
        ShortSha256.Hmac(signingKey, text.Written, signature);
        text.Dispose();
        canonical.Dispose();
    }
}

/// <summary>What goes into a signature besides the request.</summary>
internal readonly ref struct SignatureInput
{
    public required ReadOnlySpan<char> SignedHeaders { get; init; }

    public required ReadOnlySpan<char> Payload { get; init; }

    public required ReadOnlySpan<char> Timestamp { get; init; }

    public required ReadOnlySpan<char> Scope { get; init; }

    public required bool IsPresigned { get; init; }
}
