using Microsoft.AspNetCore.Http;
using Vault.Grains.Abstractions.Wire;
using Vault.Protocol.SigV4;
using Vault.Storage.Shards;
using Vault.Storage.Volumes;

namespace Vault.S3Gateway;

/// <summary>One refusal as Amazon S3 words it.</summary>
internal sealed record S3Error(int Status, string Code, string Message)
{
    /// <summary>The same refusal with a more exact message.</summary>
    public S3Error With(string message) => new(Status, Code, message);

    /// <summary>The refusal as an exception, for places that cannot answer themselves.</summary>
    public S3Exception Thrown() => new(this);
}

/// <summary>Carries a refusal from where it is noticed to the dispatcher, which answers it.</summary>
internal sealed class S3Exception(S3Error error) : Exception(error.Code)
{
    public S3Error Error { get; } = error;
}

/// <summary>Every refusal of this front door: codes, statuses and words as AWS publishes them.</summary>
internal static class S3Errors
{
    public static readonly S3Error AccessDenied = new(403, "AccessDenied", "Access Denied");
    public static readonly S3Error AccountProblem = new(403, "AccountProblem",
        "There is a problem with your account that prevents the operation from completing successfully.");
    public static readonly S3Error BadDigest = new(400, "BadDigest",
        "The Content-MD5 or checksum value that you specified did not match what the server received.");
    public static readonly S3Error BucketAlreadyExists = new(409, "BucketAlreadyExists",
        "The requested bucket name is not available. The bucket namespace is shared by all users of the system. "
        + "Please select a different name and try again.");
    public static readonly S3Error BucketAlreadyOwnedByYou = new(409, "BucketAlreadyOwnedByYou",
        "Your previous request to create the named bucket succeeded and you already own it.");
    public static readonly S3Error BucketNotEmpty = new(409, "BucketNotEmpty",
        "The bucket you tried to delete is not empty");
    public static readonly S3Error ConditionalRequestConflict = new(409, "ConditionalRequestConflict",
        "The conditional request cannot succeed due to a conflicting operation against this resource.");
    public static readonly S3Error CorsNotEnabled = new(403, "AccessForbidden",
        "CORSResponse: CORS is not enabled for this bucket.");
    public static readonly S3Error CredentialsNotSupported = new(400, "InvalidToken",
        "This kind of token carries no key that could open the project's data: register this token "
        + "(POST /v1/credentials) and use the access key that it returns.");
    public static readonly S3Error DamagedObject = new(500, "InternalError",
        "The stored bytes of this object are damaged or missing; none of them were sent.");
    public static readonly S3Error EntityTooLarge = new(400, "EntityTooLarge",
        "Your proposed upload exceeds the maximum allowed size");
    public static readonly S3Error EntityTooSmall = new(400, "EntityTooSmall",
        "Your proposed upload is smaller than the minimum allowed size");
    public static readonly S3Error HeadersTooLarge = new(400, "RequestHeaderSectionTooLarge",
        "Your request header section exceeds the maximum allowed size.");
    public static readonly S3Error IncompleteBody = new(400, "IncompleteBody",
        "You did not provide the number of bytes specified by the Content-Length HTTP header.");
    public static readonly S3Error InternalError = new(500, "InternalError",
        "We encountered an internal error. Please try again.");
    public static readonly S3Error InvalidAccessKeyId = new(403, "InvalidAccessKeyId",
        "The AWS Access Key Id you provided does not exist in our records.");
    public static readonly S3Error InvalidArgument = new(400, "InvalidArgument", "Invalid Argument");
    public static readonly S3Error InvalidBucketName = new(400, "InvalidBucketName",
        "The specified bucket is not valid.");
    public static readonly S3Error InvalidDigest = new(400, "InvalidDigest",
        "The Content-MD5 you specified was invalid.");
    public static readonly S3Error InvalidLocationConstraint = new(400, "InvalidLocationConstraint",
        "The specified location-constraint is not valid");
    public static readonly S3Error InvalidPart = new(400, "InvalidPart",
        "One or more of the specified parts could not be found.  The part may not have been uploaded, "
        + "or the specified entity tag may not match the part's entity tag.");
    public static readonly S3Error InvalidPartNumber = new(416, "InvalidPartNumber",
        "The requested partnumber is not satisfiable");
    public static readonly S3Error InvalidPartOrder = new(400, "InvalidPartOrder",
        "The list of parts was not in ascending order. Parts must be ordered by part number.");
    public static readonly S3Error InvalidRange = new(416, "InvalidRange",
        "The requested range is not satisfiable");
    public static readonly S3Error InvalidRequest = new(400, "InvalidRequest", "Invalid Request");
    public static readonly S3Error InvalidStorageClass = new(400, "InvalidStorageClass",
        "The storage class you specified is not valid");
    public static readonly S3Error InvalidUri = new(400, "InvalidURI", "Couldn't parse the specified URI.");
    public static readonly S3Error KeyTooLong = new(400, "KeyTooLongError", "Your key is too long");
    public static readonly S3Error MalformedXml = new(400, "MalformedXML",
        "The XML you provided was not well-formed or did not validate against our published schema");
    public static readonly S3Error MaxMessageLengthExceeded = new(400, "MaxMessageLengthExceeded",
        "Your request was too big.");
    public static readonly S3Error MetadataTooLarge = new(400, "MetadataTooLarge",
        "Your metadata headers exceed the maximum allowed metadata size");
    public static readonly S3Error MethodNotAllowed = new(405, "MethodNotAllowed",
        "The specified method is not allowed against this resource.");
    public static readonly S3Error MissingContentLength = new(411, "MissingContentLength",
        "You must provide the Content-Length HTTP header.");
    public static readonly S3Error MissingRequestBody = new(400, "MissingRequestBodyError",
        "Request body is empty.");
    public static readonly S3Error NoSuchBucket = new(404, "NoSuchBucket", "The specified bucket does not exist");
    public static readonly S3Error NoSuchKey = new(404, "NoSuchKey", "The specified key does not exist.");
    public static readonly S3Error NoSuchUpload = new(404, "NoSuchUpload",
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted "
        + "or completed.");
    public static readonly S3Error NoSuchVersion = new(404, "NoSuchVersion", "The specified version does not exist.");
    public static readonly S3Error NotImplemented = new(501, "NotImplemented",
        "A header or query you provided implies functionality that is not implemented");
    public static readonly S3Error OperationAborted = new(409, "OperationAborted",
        "A conflicting conditional operation is currently in progress against this resource. Please try again.");
    public static readonly S3Error PreconditionFailed = new(412, "PreconditionFailed",
        "At least one of the pre-conditions you specified did not hold");
    public static readonly S3Error QuotaExceeded = new(403, "QuotaExceeded",
        "The project's storage quota is used up.");
    public static readonly S3Error RequestTimeout = new(400, "RequestTimeout",
        "Your socket connection to the server was not read from or written to within the timeout period.");
    public static readonly S3Error ServiceUnavailable = new(503, "ServiceUnavailable",
        "Service is unable to handle request. Please try again.");
    public static readonly S3Error SlowDown = new(503, "SlowDown", "Please reduce your request rate.");
    public static readonly S3Error StorageFull = new(503, "ServiceUnavailable",
        "The storage is full: nothing was written. Deleting objects makes room some ten minutes later.");
    public static readonly S3Error TooManyBuckets = new(400, "TooManyBuckets",
        "You have attempted to create more buckets than allowed");
    public static readonly S3Error TransferTooLong = new(400, "RequestTimeout",
        "The transfer took longer than twelve hours; nothing was stored.");
    public static readonly S3Error UnexpectedContent = new(400, "UnexpectedContent",
        "This request does not support content");

    public static readonly S3Error UnparsedRequest = new(400, "BadRequest",
        "An error occurred when parsing the HTTP request.");

    /// <summary>The refusal that a signature's reader or verifier decided on.</summary>
    public static S3Error Of(SigV4Outcome outcome, string? detail)
    {
        var error = SigV4Error.For(outcome, detail);
        return new(error.Status, error.Code, error.Message);
    }

    /// <summary>
    /// The refusal that an exception means: grain calls end in a result or in one of these (decisions §2.5).
    /// </summary>
    public static S3Error Of(Exception exception) => exception switch
    {
        S3Exception refused => refused.Error,
        StoreFullException or VolumeFullException or DiskFullException => StorageFull,
        ShardMissingException or ShardDamagedException => DamagedObject,
        VolumeException => ServiceUnavailable,
        StoreUnavailableException or OutcomeUnknownException or TimeoutException => ServiceUnavailable,
        OrleansException => ServiceUnavailable,
        BadHttpRequestException { StatusCode: 408 } => RequestTimeout,
        BadHttpRequestException { StatusCode: 413 } => EntityTooLarge,
        BadHttpRequestException => IncompleteBody,
        _ => InternalError,
    };
}
