using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Vault.S3Gateway.Http;

/// <summary>
/// Headers that ask for what isn't here: answered 501, because ignoring them would look like success.
/// </summary>
internal static class UnsupportedHeaders
{
    /// <summary>Checks the headers of a request that writes.</summary>
    /// <exception cref="S3Exception">501, or 400 for a value that no S3 knows.</exception>
    public static void Refuse(IHeaderDictionary headers)
    {
        foreach (KeyValuePair<string, StringValues> header in headers)
        {
            if (header.Key.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase))
                Check(header.Key.ToLowerInvariant(), header.Value.ToString());
        }
    }

    private static void Check(string name, string value)
    {
        switch (name)
        {
            case "x-amz-acl":
                CheckAcl(value);
                return;
            case "x-amz-storage-class":
                CheckStorageClass(value);
                return;
            case "x-amz-server-side-encryption":
                if (value != "AES256")
                    throw NotImplemented(name);
                return;
            case "x-amz-tagging" when value.Length == 0:
            case "x-amz-bucket-object-lock-enabled" when value.Equals("false", StringComparison.OrdinalIgnoreCase):
            case "x-amz-object-lock-legal-hold" when value == "OFF":
            case "x-amz-object-ownership" when value == "BucketOwnerEnforced":
                return;
            case "x-amz-tagging" or "x-amz-website-redirect-location" or "x-amz-write-offset-bytes"
                or "x-amz-bucket-object-lock-enabled" or "x-amz-object-ownership" or "x-amz-mfa":
            case var _ when name.StartsWith("x-amz-grant-", StringComparison.Ordinal)
                || name.StartsWith("x-amz-object-lock-", StringComparison.Ordinal)
                || name.StartsWith("x-amz-server-side-encryption-", StringComparison.Ordinal)
                || name.StartsWith("x-amz-copy-source-server-side-encryption-", StringComparison.Ordinal)
                || name.StartsWith("x-amz-if-match-", StringComparison.Ordinal):
                throw NotImplemented(name);
            default:
                return;
        }
    }

    private static void CheckAcl(string acl)
    {
        switch (acl)
        {
            case "private" or "bucket-owner-full-control":
                return;
            case "public-read" or "public-read-write" or "authenticated-read" or "aws-exec-read"
                or "bucket-owner-read" or "log-delivery-write":
                throw NotImplemented("x-amz-acl");
            default:
                throw S3Errors.InvalidArgument.Thrown();
        }
    }

    private static void CheckStorageClass(string storageClass)
    {
        switch (storageClass)
        {
            case "STANDARD":
                return;
            case "REDUCED_REDUNDANCY" or "STANDARD_IA" or "ONEZONE_IA" or "INTELLIGENT_TIERING" or "GLACIER"
                or "GLACIER_IR" or "DEEP_ARCHIVE" or "EXPRESS_ONEZONE" or "OUTPOSTS" or "SNOW":
                throw NotImplemented("x-amz-storage-class");
            default:
                throw S3Errors.InvalidStorageClass.Thrown();
        }
    }

    private static S3Exception NotImplemented(string header) => S3Errors.NotImplemented
        .With($"A header you provided implies functionality that is not implemented: {header}").Thrown();
}
