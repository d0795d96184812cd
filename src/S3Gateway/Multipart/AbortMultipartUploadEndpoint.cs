using Microsoft.AspNetCore.Http;
using Vault.Grains.Abstractions.Uploads;
using Vault.S3Gateway.Auth;
using Vault.S3Gateway.Routing;

namespace Vault.S3Gateway.Multipart;

/// <summary>AbortMultipartUpload: the parts' bytes go to reclaim.</summary>
internal sealed class AbortMultipartUploadEndpoint(IGrainFactory grains) : S3Endpoint
{
    private readonly IUploadReadGrain uploads = grains.GetGrain<IUploadReadGrain>(0);

    public override IReadOnlyList<S3Operation> Operations { get; } = [S3Operation.AbortMultipartUpload];

    public override async Task HandleAsync(S3Request request)
    {
        var id = OpenUpload.IdOf(request);
        var read = await uploads.ReadAsync(request.Bucket, request.Key.Bytes, id, CancellationToken.None);
        var bucket = Authorization.RequireBucket(request, read.Bucket);
        if (read.Upload is null || read.Upload.Completed)
            throw S3Errors.NoSuchUpload.Thrown();
        var status = await grains.GetGrain<IUploadGrain>(id.ToString())
            .AbortAsync(bucket.BucketId, request.Key.Bytes, CancellationToken.None);
        if (status != UploadStatus.Ok)
            throw UploadOutcome.Refusal(status);
        await SendStatus(request, StatusCodes.Status204NoContent);
    }
}
