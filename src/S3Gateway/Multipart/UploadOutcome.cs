using Vault.Grains.Abstractions.Uploads;

namespace Vault.S3Gateway.Multipart;

/// <summary>What a refused call on an upload means to the client.</summary>
internal static class UploadOutcome
{
    public static S3Exception Refusal(UploadStatus status) => (status switch
    {
        UploadStatus.NoSuchUpload => S3Errors.NoSuchUpload,
        UploadStatus.BucketGone => S3Errors.NoSuchBucket,
        UploadStatus.BucketChanged => S3Errors.OperationAborted,
        UploadStatus.GrantExpired => S3Errors.TransferTooLong,
        UploadStatus.QuotaExceeded => S3Errors.QuotaExceeded,
        _ => S3Errors.InternalError,
    }).Thrown();
}
