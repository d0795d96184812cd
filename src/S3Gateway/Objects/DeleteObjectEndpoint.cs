using Microsoft.AspNetCore.Http;
using Vault.S3Gateway.Http;
using Vault.S3Gateway.Routing;

namespace Vault.S3Gateway.Objects;

/// <summary>DeleteObject. A key that isn't there is deleted already: 204.</summary>
internal sealed class DeleteObjectEndpoint(HeadCommit commit) : S3Endpoint
{
    public override IReadOnlyList<S3Operation> Operations { get; } = [S3Operation.DeleteObject];

    public override async Task HandleAsync(S3Request request)
    {
        UnsupportedHeaders.Refuse(request.Headers);
        ObjectVersion.RequireCurrent(request.Query["versionId"]);
        var conditions = WriteConditions.Read(request.Headers);
        if (conditions.MustBeAbsent)
            throw S3Errors.NotImplemented.Thrown();
        await commit.DeleteAsync(request, conditions);
        await SendStatus(request, StatusCodes.Status204NoContent);
    }
}
