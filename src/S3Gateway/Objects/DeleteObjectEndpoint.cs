using Microsoft.AspNetCore.Http;
using Vault.Grains.Abstractions.Objects;
using Vault.S3Gateway.Http;
using Vault.S3Gateway.Routing;

namespace Vault.S3Gateway.Objects;

/// <summary>DeleteObject. A key that isn't there is deleted already: 204.</summary>
internal sealed class DeleteObjectEndpoint(HeadCommit commit, IndexGrains index) : S3Endpoint
{
    public override IReadOnlyList<S3Operation> Operations { get; } = [S3Operation.DeleteObject];

    public override async Task HandleAsync(S3Request request)
    {
        UnsupportedHeaders.Refuse(request.Headers);
        ObjectVersion.RequireCurrent(request.Query["versionId"]);
        var conditions = WriteConditions.Read(request.Headers);
        if (conditions.MustBeAbsent)
            throw S3Errors.NotImplemented.Thrown();
        for (var attempt = 1; ; attempt++)
        {
            var target = await commit.ResolveAsync(request, conditions);
            var result = await index.Of(target.Bucket, request.Key).DeleteAsync(
                new()
                {
                    BucketId = target.Bucket.BucketId,
                    ConfigVersion = target.Bucket.ConfigVersion,
                    Key = request.Key.Bytes,
                    Precondition = target.Precondition,
                    ExpectedSequence = target.ExpectedSequence,
                    OperationId = Guid.NewGuid(),
                },
                CancellationToken.None);
            if (result.Status == CommitStatus.Ok)
                break;
            if (!HeadCommit.MayRetry(result.Status, attempt))
                throw HeadCommit.Refusal(result.Status);
        }

        await SendStatus(request, StatusCodes.Status204NoContent);
    }
}
