namespace Vault.Protocol.SigV4;

/// <summary>What came of reading or verifying the signature of one request.</summary>
public enum SigV4Outcome
{
    /// <summary>Read and, after <see cref="SigV4Verifier"/>, proven.</summary>
    Ok,

    /// <summary>The request carries no credentials at all.</summary>
    Anonymous,

    /// <summary>The request carries <c>Authorization: Bearer</c>; it is not for this verifier.</summary>
    Bearer,

    /// <summary>Signature version 2, in the header or in the query; refused.</summary>
    SignatureVersion2,

    /// <summary>An Authorization scheme that nobody here understands.</summary>
    UnsupportedAuthorization,

    /// <summary>Both the header and the query claim to carry the signature.</summary>
    SeveralMechanisms,

    /// <summary>The Authorization header, its scope, region, service, terminal or date is wrong.</summary>
    AuthorizationHeaderMalformed,

    /// <summary>The X-Amz-* query parameters, their scope, region, service, terminal or date are wrong.</summary>
    AuthorizationQueryParametersError,

    /// <summary>Neither <c>x-amz-date</c> nor <c>Date</c> holds a time.</summary>
    MissingDate,

    /// <summary>The time of a header-signed request differs from ours by more than the allowed skew.</summary>
    RequestTimeTooSkewed,

    /// <summary>A presigned URL whose time is over.</summary>
    RequestExpired,

    /// <summary>A presigned URL whose time lies ahead by more than the allowed skew.</summary>
    RequestNotYetValid,

    /// <summary>A header-signed request without <c>x-amz-content-sha256</c>.</summary>
    MissingContentSha256,

    /// <summary><c>x-amz-content-sha256</c> is neither a known mode nor 64 hex digits.</summary>
    InvalidContentSha256,

    /// <summary><c>host</c> or an <c>x-amz-*</c> header is present but not signed.</summary>
    UnsignedHeaders,

    /// <summary>The access key id is unknown or revoked; decided by the caller.</summary>
    InvalidAccessKeyId,

    /// <summary>
    /// The security token is malformed, complete (with its signature) or not this key's; decided by the caller.
    /// </summary>
    InvalidToken,

    /// <summary>The signature is not the one that this request and this secret give.</summary>
    SignatureDoesNotMatch,

    /// <summary>
    /// The body's SHA-256 differs from <c>x-amz-content-sha256</c>; decided by the reader of the body.
    /// </summary>
    ContentSha256Mismatch,
}
