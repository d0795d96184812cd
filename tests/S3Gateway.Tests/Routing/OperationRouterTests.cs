using Vault.S3Gateway.Routing;

namespace Vault.S3Gateway.Tests.Routing;

public sealed class OperationRouterTests
{
    [Theory]
    [InlineData("GET", "/", nameof(S3Operation.ListBuckets))]
    [InlineData("GET", "/?x-id=ListBuckets&max-buckets=3", nameof(S3Operation.ListBuckets))]
    [InlineData("PUT", "/b", nameof(S3Operation.CreateBucket))]
    [InlineData("HEAD", "/b/", nameof(S3Operation.HeadBucket))]
    [InlineData("DELETE", "/b", nameof(S3Operation.DeleteBucket))]
    [InlineData("GET", "/b", nameof(S3Operation.ListObjects))]
    [InlineData("GET", "/b?prefix=&delimiter=%2F", nameof(S3Operation.ListObjects))]
    [InlineData("GET", "/b?list-type=2&prefix=a", nameof(S3Operation.ListObjectsV2))]
    [InlineData("GET", "/b?location", nameof(S3Operation.GetBucketLocation))]
    [InlineData("GET", "/b?location=", nameof(S3Operation.GetBucketLocation))]
    [InlineData("GET", "/b?uploads&prefix=x", nameof(S3Operation.ListMultipartUploads))]
    [InlineData("GET", "/b?versioning", nameof(S3Operation.GetBucketVersioning))]
    [InlineData("GET", "/b?policy", nameof(S3Operation.GetBucketPolicy))]
    [InlineData("GET", "/b?encryption", nameof(S3Operation.GetBucketEncryption))]
    [InlineData("GET", "/b?object-lock", nameof(S3Operation.GetObjectLockConfiguration))]
    [InlineData("POST", "/b?delete", nameof(S3Operation.DeleteObjects))]
    [InlineData("GET", "/b/k", nameof(S3Operation.GetObject))]
    [InlineData("GET", "/b/k?partNumber=1", nameof(S3Operation.GetObject))]
    [InlineData("GET", "/b/k?foo=bar", nameof(S3Operation.GetObject))]
    [InlineData("GET", "/b/k?response-expires=", nameof(S3Operation.GetObject))]
    [InlineData("GET", "/b/k?X-Amz-Security-Token=", nameof(S3Operation.GetObject))]
    [InlineData("HEAD", "/b/k", nameof(S3Operation.HeadObject))]
    [InlineData("PUT", "/b/k", nameof(S3Operation.PutObject))]
    [InlineData("PUT", "/b/k?partNumber=1&uploadId=u", nameof(S3Operation.UploadPart))]
    [InlineData("DELETE", "/b/k", nameof(S3Operation.DeleteObject))]
    [InlineData("DELETE", "/b/k?uploadId=u", nameof(S3Operation.AbortMultipartUpload))]
    [InlineData("POST", "/b/k?uploads", nameof(S3Operation.CreateMultipartUpload))]
    [InlineData("POST", "/b/k?uploadId=u", nameof(S3Operation.CompleteMultipartUpload))]
    [InlineData("GET", "/b/k?uploadId=u", nameof(S3Operation.ListParts))]
    [InlineData("GET", "/b/k?acl", nameof(S3Operation.GetObjectAcl))]
    [InlineData("GET", "/b/k?tagging", nameof(S3Operation.GetObjectTagging))]
    [InlineData("GET", "/b/k?attributes", nameof(S3Operation.GetObjectAttributes))]
    public void Operations_are_named(string method, string target, string operation) =>
        Assert.Equal(operation, Resolve(method, target).ToString());

    [Theory]
    [InlineData("/b/k", nameof(S3Operation.CopyObject))]
    [InlineData("/b/k?partNumber=1&uploadId=u", nameof(S3Operation.UploadPartCopy))]
    public void A_copy_source_makes_a_put_a_copy(string target, string operation) =>
        Assert.Equal(operation, Resolve("PUT", target, hasCopySource: true).ToString());

    [Theory]
    [InlineData("GET", "/?acl")]
    [InlineData("GET", "/b?accelerate")]
    [InlineData("GET", "/b?analytics&id=x")]
    [InlineData("GET", "/b?inventory&id=x")]
    [InlineData("GET", "/b?metrics")]
    [InlineData("GET", "/b?intelligent-tiering")]
    [InlineData("GET", "/b?replication")]
    [InlineData("GET", "/b?requestPayment")]
    [InlineData("GET", "/b?notification")]
    [InlineData("GET", "/b?logging")]
    [InlineData("GET", "/b?ownershipControls")]
    [InlineData("GET", "/b?publicAccessBlock")]
    [InlineData("GET", "/b?policyStatus")]
    [InlineData("GET", "/b?unheard-of")]
    [InlineData("GET", "/b?unheard-of=")]
    [InlineData("PUT", "/b?versioning")]
    [InlineData("PUT", "/b?policy")]
    [InlineData("PUT", "/b?acl")]
    [InlineData("PUT", "/b?cors")]
    [InlineData("PUT", "/b?tagging")]
    [InlineData("PUT", "/b?unheard-of")]
    [InlineData("DELETE", "/b?lifecycle")]
    [InlineData("DELETE", "/b?unheard-of")]
    [InlineData("PUT", "/b/k?tagging")]
    [InlineData("PUT", "/b/k?acl")]
    [InlineData("PUT", "/b/k?retention")]
    [InlineData("GET", "/b/k?legal-hold")]
    [InlineData("GET", "/b/k?torrent")]
    [InlineData("GET", "/b/k?unheard-of")]
    [InlineData("DELETE", "/b/k?tagging")]
    [InlineData("POST", "/b/k?restore")]
    [InlineData("POST", "/b/k?select&select-type=2")]
    [InlineData("PUT", "/b/k?renameObject")]
    public void Unsupported_and_unknown_sub_resources_are_not_implemented(string method, string target) =>
        Assert.Equal("NotImplemented", Refused(method, target).Code);

    [Theory]
    [InlineData("POST", "/")]
    [InlineData("PUT", "/")]
    [InlineData("DELETE", "/")]
    [InlineData("HEAD", "/")]
    [InlineData("POST", "/b")]
    [InlineData("POST", "/b/k")]
    [InlineData("PATCH", "/b/k")]
    public void Methods_without_an_operation_are_not_allowed(string method, string target)
    {
        var error = Refused(method, target);
        Assert.Equal(("MethodNotAllowed", 405), (error.Code, error.Status));
    }

    [Theory]
    [InlineData("PUT", "/b/k?partNumber=1", "InvalidArgument")]
    [InlineData("PUT", "/b/k?uploadId=u", "InvalidArgument")]
    [InlineData("GET", "/b/k?uploads", "InvalidRequest")]
    [InlineData("GET", "/b?list-type=1", "InvalidArgument")]
    [InlineData("GET", "/b?acl&policy", "InvalidArgument")]
    public void Routing_traps_are_refused(string method, string target, string code) =>
        Assert.Equal(code, Refused(method, target).Code);

    private static S3Operation Resolve(string method, string target, bool hasCopySource = false) =>
        OperationRouter.Resolve(method, S3Target.Parse(target, "h", []), hasCopySource);

    private static S3Error Refused(string method, string target) =>
        Assert.Throws<S3Exception>(() => Resolve(method, target)).Error;
}
