namespace Vault.Protocol.SigV4;

/// <summary>
/// What a request says about its signer, read but not yet proven. Made by <see cref="SigV4Parser"/>, so that the
/// credential can be looked up, and then given to <see cref="SigV4Verifier"/>.
/// </summary>
public sealed class SigV4Claim
{
    /// <summary>The algorithm's name, in header and query.</summary>
    public const string Algorithm = "AWS4-HMAC-SHA256";

    private readonly byte[] signature = new byte[32];

    internal SigV4Claim(bool isPresigned, in CredentialScope scope, string signedHeaders)
    {
        IsPresigned = isPresigned;
        AccessKeyId = scope.AccessKeyId;
        Scope = scope.Scope;
        RegionLength = scope.RegionLength;
        ServiceLength = scope.ServiceLength;
        SignedHeaders = signedHeaders;
    }

    /// <summary>True when the signature came in the query.</summary>
    public bool IsPresigned { get; }

    /// <summary>Access key id as sent; treat it as half a secret (it unlocks its own record).</summary>
    public string AccessKeyId { get; }

    /// <summary><c>date/region/service/aws4_request</c>.</summary>
    public string Scope { get; }

    /// <summary>Names of the signed headers, separated by semicolons, as sent.</summary>
    public string SignedHeaders { get; }

    /// <summary>Request time as in the string to sign: <c>yyyyMMddTHHmmssZ</c>.</summary>
    public string Timestamp { get; internal set; } = string.Empty;

    /// <summary>Request time.</summary>
    public DateTimeOffset SignedAt { get; internal set; }

    /// <summary>Life of a presigned URL in seconds; 0 for header signatures.</summary>
    public int ExpiresSeconds { get; internal set; }

    /// <summary>Session token, or null.</summary>
    public string? SecurityToken { get; internal set; }

    /// <summary>What the body is.</summary>
    public PayloadMode Payload { get; internal set; } = PayloadMode.UnsignedPayload;

    /// <summary>The payload line of the canonical request: the mode's text or the hash in hex.</summary>
    public string PayloadText { get; internal set; } = PayloadModes.UnsignedPayload;

    /// <summary>Date of the scope, 8 digits.</summary>
    public ReadOnlySpan<char> Date => Scope.AsSpan(0, 8);

    /// <summary>Region of the scope.</summary>
    public ReadOnlySpan<char> Region => Scope.AsSpan(9, RegionLength);

    /// <summary>Service of the scope.</summary>
    public ReadOnlySpan<char> Service => Scope.AsSpan(10 + RegionLength, ServiceLength);

    /// <summary>The 32 bytes of the signature sent.</summary>
    public ReadOnlySpan<byte> Signature => signature;

    internal Span<byte> SignatureBuffer => signature;

    private int RegionLength { get; }

    private int ServiceLength { get; }

    /// <summary>Writes the 32 bytes of the signed payload hash; false unless <see cref="Payload"/> is a hash.</summary>
    public bool TryGetPayloadHash(Span<byte> hash) =>
        Payload == PayloadMode.Hash && HexText.TryDecode(PayloadText, hash[..32]);

    /// <summary>Neither the key id nor the signature.</summary>
    public override string ToString() => $"SigV4Claim({(IsPresigned ? "presigned" : "header")}, {Scope})";
}
