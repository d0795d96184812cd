using Microsoft.AspNetCore.Http;
using Vault.Grains.Abstractions.Buckets;
using Vault.S3Gateway.Auth;
using Vault.S3Gateway.Routing;

namespace Vault.S3Gateway.Buckets;

/// <summary>DeleteBucket: only an empty one, without open uploads.</summary>
internal sealed class DeleteBucketEndpoint(IGrainFactory grains) : S3Endpoint
{
    public override IReadOnlyList<S3Operation> Operations { get; } = [S3Operation.DeleteBucket];

    public override async Task HandleAsync(S3Request request)
    {
        if (request.Header("x-amz-expected-bucket-owner") is not null)
        {
            Authorization.RequireBucket(
                request,
                await grains.GetGrain<IBucketReadGrain>(0).ResolveAsync(request.Bucket, CancellationToken.None));
        }

        var status = await grains.GetGrain<IBucketNameGrain>(request.Bucket)
            .DeleteAsync(request.Caller.Project.ProjectId, CancellationToken.None);
        var error = status switch
        {
            DeleteBucketStatus.Deleted => null,
            DeleteBucketStatus.NoSuchBucket => S3Errors.NoSuchBucket,
            DeleteBucketStatus.NotYours => S3Errors.AccessDenied,
            DeleteBucketStatus.NotEmpty => S3Errors.BucketNotEmpty,
            _ => S3Errors.InternalError,
        };
        if (error is not null)
            throw error.Thrown();
        await SendStatus(request, StatusCodes.Status204NoContent);
    }
}
