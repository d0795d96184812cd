using Microsoft.AspNetCore.Http;
using Vault.Grains.Abstractions.Buckets;
using Vault.Grains.Abstractions.Uploads;
using Vault.S3Gateway.Auth;
using Vault.S3Gateway.Routing;

namespace Vault.S3Gateway.Multipart;

/// <summary>AbortMultipartUpload: the parts' bytes go to reclaim.</summary>
internal sealed class AbortMultipartUploadEndpoint(IGrainFactory grains) : S3Endpoint
{
    private readonly IBucketReadGrain buckets = grains.GetGrain<IBucketReadGrain>(0);

    public override IReadOnlyList<S3Operation> Operations { get; } = [S3Operation.AbortMultipartUpload];

    public override async Task HandleAsync(S3Request request)
    {
        var id = OpenUpload.IdOf(request);
        var bucket = Authorization.RequireBucket(
            request, await buckets.ResolveAsync(request.Bucket, CancellationToken.None));
        var status = await grains.GetGrain<IUploadGrain>(id.ToString())
            .AbortAsync(bucket.BucketId, request.Key.Bytes, CancellationToken.None);
        if (status != UploadStatus.Ok)
            throw UploadOutcome.Refusal(status);
        await SendStatus(request, StatusCodes.Status204NoContent);
    }
}
