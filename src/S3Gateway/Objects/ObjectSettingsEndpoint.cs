using Vault.Grains.Abstractions.Objects;
using Vault.S3Gateway.Auth;
using Vault.S3Gateway.Buckets;
using Vault.S3Gateway.Routing;

namespace Vault.S3Gateway.Objects;

/// <summary>Reads of what an object does not have yet: its owner's control list and an empty set of tags.</summary>
internal sealed class ObjectSettingsEndpoint(IGrainFactory grains, Authorization authorization) : S3Endpoint
{
    private readonly IObjectReadGrain reads = grains.GetGrain<IObjectReadGrain>(0);

    public override IReadOnlyList<S3Operation> Operations { get; } =
        [S3Operation.GetObjectAcl, S3Operation.GetObjectTagging];

    public override async Task HandleAsync(S3Request request)
    {
        ObjectVersion.RequireCurrent(request.Query["versionId"]);
        var read = await reads.ReadAsync(
            new() { Bucket = request.Bucket, Key = request.Key.Bytes }, CancellationToken.None);
        Authorization.RequireBucket(request, read.Bucket);
        if (read.Head is null)
            throw authorization.MissingKey(request, request.Key);
        using var document = new S3XmlWriter();
        if (request.Operation == S3Operation.GetObjectAcl)
        {
            OwnerXml.WriteAcl(document, request.Caller);
        }
        else
        {
            document.StartDocument("Tagging"u8);
            document.Element("TagSet"u8, ""u8);
            document.End("Tagging"u8);
        }

        await SendAsync(request, document);
    }
}
