using System.Security.Cryptography;
using System.Text;

namespace Vault.Protocol.SigV4;

/// <summary>Proves a <see cref="SigV4Claim"/> against the request and the secret's signing key.</summary>
public static class SigV4Verifier
{
    /// <summary>Recomputes the signature and compares in constant time.</summary>
    /// <param name="request">The same request that the claim was read from.</param>
    /// <param name="claim">The claim.</param>
    /// <param name="keys">Signing keys of the claim's credential.</param>
    /// <returns><see cref="SigV4Outcome.Ok"/> or <see cref="SigV4Outcome.SignatureDoesNotMatch"/>.</returns>
    public static SigV4Outcome Verify<TRequest>(in TRequest request, SigV4Claim claim, SigningKeys keys)
        where TRequest : ISigV4Request, allows ref struct
    {
        Span<byte> key = stackalloc byte[SigningKeys.KeyBytes];
        keys.CopyKey(claim.Date, claim.Region, claim.Service, key);
        var matches = Matches(request, claim, key, verbatimPath: false)
            || (PathDiffers(request.RawTarget) && Matches(request, claim, key, verbatimPath: true));
        CryptographicOperations.ZeroMemory(key);
        return matches ? SigV4Outcome.Ok : SigV4Outcome.SignatureDoesNotMatch;
    }

    /// <summary>The texts that a <c>SignatureDoesNotMatch</c> answer shows, so that the client can compare.</summary>
    public static (string CanonicalRequest, string StringToSign) Explain<TRequest>(
        in TRequest request, SigV4Claim claim)
        where TRequest : ISigV4Request, allows ref struct
    {
        var canonical = new ByteBuilder(stackalloc byte[1536]);
        CanonicalRequest.Append(
            ref canonical, request, claim.SignedHeaders, claim.PayloadText, claim.IsPresigned, verbatimPath: false);
        var text = new ByteBuilder(stackalloc byte[320]);
        StringToSign.Append(ref text, claim.Timestamp, claim.Scope, canonical.Written);
        var result = (Encoding.UTF8.GetString(canonical.Written), Encoding.UTF8.GetString(text.Written));
        text.Dispose();
        canonical.Dispose();
        return result;
    }

    private static bool Matches<TRequest>(
        in TRequest request, SigV4Claim claim, scoped ReadOnlySpan<byte> key, bool verbatimPath)
        where TRequest : ISigV4Request, allows ref struct
    {
        Span<byte> computed = stackalloc byte[32];
        StringToSign.Sign(request, key, InputOf(claim), verbatimPath, computed);
        return CryptographicOperations.FixedTimeEquals(computed, claim.Signature);
    }

    private static SignatureInput InputOf(SigV4Claim claim) => new()
    {
        SignedHeaders = claim.SignedHeaders,
        Payload = claim.PayloadText,
        Timestamp = claim.Timestamp,
        Scope = claim.Scope,
        IsPresigned = claim.IsPresigned,
    };

    /// <summary>
    /// True when the path as sent is not its canonical form. Such a client may have signed what it sent; the bytes
    /// are the same, so accepting that is as safe.
    /// </summary>
    private static bool PathDiffers(string rawTarget)
    {
        RequestTarget.Split(rawTarget, out var path, out _);
        var canonical = new ByteBuilder(stackalloc byte[512]);
        UriText.AppendCanonical(ref canonical, path, isPath: true);
        var differs = !Ascii.Equals(canonical.Written, path);
        canonical.Dispose();
        return differs;
    }
}
