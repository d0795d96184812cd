using System.Security.Cryptography;
using System.Text;

namespace Vault.Protocol.SigV4;

/// <summary>
/// Signs requests: the client's side. One per credential, region and service; safe for several threads.
/// </summary>
public sealed class SigV4Signer(string accessKeyId, string secretAccessKey, string region, string service = "s3")
    : IDisposable
{
    private readonly SigningKeys keys = new(secretAccessKey);

    /// <summary>Session token sent and signed with every request, or null.</summary>
    public string? SecurityToken { get; init; }

    /// <summary>Adds date, payload line, token and <c>authorization</c> to a request; every header is signed.</summary>
    /// <param name="request">The request.</param>
    /// <param name="payload">64 hex digits or a text of <see cref="PayloadModes"/>.</param>
    /// <param name="now">Time of the request.</param>
    /// <returns>The chain for a streaming body; dispose it.</returns>
    public ChunkSigning Sign(SignableRequest request, string payload, DateTimeOffset now)
    {
        var timestamp = SigV4Time.Format(now);
        request.With("x-amz-date", timestamp).With("x-amz-content-sha256", payload);
        if (SecurityToken is not null)
            request.With("x-amz-security-token", SecurityToken);
        var signedHeaders = request.SignedHeaderList();
        Span<byte> signature = stackalloc byte[32];
        Span<byte> key = stackalloc byte[SigningKeys.KeyBytes];
        var scope = ScopeOf(timestamp);
        SignWith(request, signedHeaders, payload, timestamp, scope, isPresigned: false, key, signature);
        request.With("authorization", HeaderValue(scope, signedHeaders, signature));
        return new ChunkSigning(key, timestamp, scope, signature);
    }

    /// <summary>The <c>Authorization</c> value for a request that has its headers already; for lean clients.</summary>
    /// <param name="request">The request, with date and payload headers.</param>
    /// <param name="signedHeaders">Sorted lower-case names separated by semicolons.</param>
    /// <param name="payload">Value of its <c>x-amz-content-sha256</c>.</param>
    /// <param name="timestamp">Value of its <c>x-amz-date</c>.</param>
    public string Authorization<TRequest>(
        in TRequest request, string signedHeaders, ReadOnlySpan<char> payload, string timestamp)
        where TRequest : ISigV4Request, allows ref struct
    {
        Span<byte> signature = stackalloc byte[32];
        Span<byte> key = stackalloc byte[SigningKeys.KeyBytes];
        var scope = ScopeOf(timestamp);
        SignWith(request, signedHeaders, payload, timestamp, scope, isPresigned: false, key, signature);
        CryptographicOperations.ZeroMemory(key);
        return HeaderValue(scope, signedHeaders, signature);
    }

    /// <summary>Turns a request into a presigned one: its target gains the X-Amz-* parameters.</summary>
    /// <param name="request">Method, target and the headers that the URL's user must send.</param>
    /// <param name="now">Beginning of its life.</param>
    /// <param name="expires">Length of its life, up to a week.</param>
    /// <returns>The raw target of the presigned URL.</returns>
    public string Presign(SignableRequest request, DateTimeOffset now, TimeSpan expires)
    {
        var timestamp = SigV4Time.Format(now);
        var signedHeaders = request.SignedHeaderList();
        var scope = ScopeOf(timestamp);
        var target = new StringBuilder(request.RawTarget)
            .Append(request.RawTarget.Contains('?') ? '&' : '?')
            .Append("X-Amz-Algorithm=").Append(SigV4Claim.Algorithm)
            .Append("&X-Amz-Credential=").Append(Uri.EscapeDataString($"{accessKeyId}/{scope}"))
            .Append("&X-Amz-Date=").Append(timestamp)
            .Append("&X-Amz-Expires=").Append((long)expires.TotalSeconds)
            .Append("&X-Amz-SignedHeaders=").Append(Uri.EscapeDataString(signedHeaders));
        if (SecurityToken is not null)
            target.Append("&X-Amz-Security-Token=").Append(Uri.EscapeDataString(SecurityToken));
        request.RawTarget = target.ToString();
        var payload = request.GetHeader("x-amz-content-sha256").Only ?? PayloadModes.UnsignedPayload;
        Span<byte> signature = stackalloc byte[32];
        Span<byte> key = stackalloc byte[SigningKeys.KeyBytes];
        SignWith(request, signedHeaders, payload, timestamp, scope, isPresigned: true, key, signature);
        CryptographicOperations.ZeroMemory(key);
        return request.RawTarget += "&X-Amz-Signature=" + Convert.ToHexStringLower(signature);
    }

    /// <summary>Clears the secret.</summary>
    public void Dispose() => keys.Dispose();

    /// <summary>Nothing secret.</summary>
    public override string ToString() => "SigV4Signer(redacted)";

    private void SignWith<TRequest>(
        in TRequest request,
        ReadOnlySpan<char> signedHeaders,
        ReadOnlySpan<char> payload,
        string timestamp,
        string scope,
        bool isPresigned,
        Span<byte> key,
        Span<byte> signature)
        where TRequest : ISigV4Request, allows ref struct
    {
        keys.CopyKey(timestamp.AsSpan(0, 8), region, service, key);
        var input = new SignatureInput
        {
            SignedHeaders = signedHeaders,
            Payload = payload,
            Timestamp = timestamp,
            Scope = scope,
            IsPresigned = isPresigned,
        };
        StringToSign.Sign(request, key, input, verbatimPath: false, signature);
    }

    private string ScopeOf(string timestamp) => $"{timestamp.AsSpan(0, 8)}/{region}/{service}/aws4_request";

    private string HeaderValue(string scope, string signedHeaders, ReadOnlySpan<byte> signature) =>
        $"{SigV4Claim.Algorithm} Credential={accessKeyId}/{scope}, SignedHeaders={signedHeaders}, " +
        $"Signature={Convert.ToHexStringLower(signature)}";
}
