namespace Vault.Protocol.SigV4;

/// <summary>A refusal as Amazon S3 words it.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Code">S3 error code.</param>
/// <param name="Message">Human text; never a secret.</param>
public readonly record struct SigV4Error(int Status, string Code, string Message)
{
    /// <summary>The refusal that <paramref name="outcome"/> means.</summary>
    /// <param name="outcome">Anything but <see cref="SigV4Outcome.Ok"/>.</param>
    /// <param name="detail">The detail that the parser gave, or null.</param>
    public static SigV4Error For(SigV4Outcome outcome, string? detail = null) => outcome switch
    {
        SigV4Outcome.SignatureVersion2 => new(400, "InvalidRequest",
            "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."),
        SigV4Outcome.UnsupportedAuthorization => new(400, "InvalidArgument", "Unsupported Authorization Type"),
        SigV4Outcome.SeveralMechanisms => new(400, "InvalidArgument",
            "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string " +
            "parameter or the Authorization header should be specified"),
        SigV4Outcome.AuthorizationHeaderMalformed => new(400, "AuthorizationHeaderMalformed",
            "The authorization header is malformed; " + (detail ?? "it could not be read.")),
        SigV4Outcome.AuthorizationQueryParametersError => new(400, "AuthorizationQueryParametersError",
            detail ?? "The query-string authentication parameters could not be read."),
        SigV4Outcome.MissingDate => new(403, "AccessDenied",
            "AWS authentication requires a valid Date or x-amz-date header"),
        SigV4Outcome.RequestTimeTooSkewed => new(403, "RequestTimeTooSkewed",
            "The difference between the request time and the current time is too large."),
        SigV4Outcome.RequestExpired => new(403, "AccessDenied", "Request has expired"),
        SigV4Outcome.RequestNotYetValid => new(403, "AccessDenied", "Request is not valid yet"),
        SigV4Outcome.MissingContentSha256 => new(400, "InvalidRequest",
            "Missing required header for this request: x-amz-content-sha256"),
        SigV4Outcome.InvalidContentSha256 => new(400, "InvalidArgument",
            "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, " +
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value."),
        SigV4Outcome.UnsignedHeaders => new(403, "AccessDenied",
            "There were headers present in the request which were not signed"),
        SigV4Outcome.InvalidAccessKeyId => new(403, "InvalidAccessKeyId",
            "The AWS Access Key Id you provided does not exist in our records."),
        SigV4Outcome.InvalidToken => new(400, "InvalidToken",
            detail ?? "The provided token is malformed or otherwise invalid."),
        SigV4Outcome.SignatureDoesNotMatch => new(403, "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. " +
            "Check your key and signing method."),
        SigV4Outcome.ContentSha256Mismatch => new(400, "XAmzContentSHA256Mismatch",
            "The provided 'x-amz-content-sha256' header does not match what was computed."),
        _ => new(403, "AccessDenied", "Access Denied"),
    };
}
