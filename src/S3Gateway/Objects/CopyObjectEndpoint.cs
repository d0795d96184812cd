using System.Buffers;
using Vault.Grains.Abstractions.Objects;
using Vault.Protocol.Checksums;
using Vault.Protocol.Keys;
using Vault.S3Gateway.Auth;
using Vault.S3Gateway.Http;
using Vault.S3Gateway.Routing;

namespace Vault.S3Gateway.Objects;

/// <summary>
/// CopyObject inside a project: the body is shared, the head is sealed for its new place, no bytes move.
/// </summary>
internal sealed class CopyObjectEndpoint(
    IGrainFactory grains, HeadCommit commit, BodyStore bodies, Authorization authorization) : S3Endpoint
{
    private const int MaxAttempts = 4;
    private const string Replace = "REPLACE";

    private readonly IObjectReadGrain reads = grains.GetGrain<IObjectReadGrain>(0);

    public override IReadOnlyList<S3Operation> Operations { get; } = [S3Operation.CopyObject];

    public override async Task HandleAsync(S3Request request)
    {
        UnsupportedHeaders.Refuse(request.Headers);
        if (request.Http.Request.ContentLength > 0)
            throw S3Errors.UnexpectedContent.Thrown();
        request.BodyConsumed = true;
        var replaces = Replaces(request, "x-amz-metadata-directive", "Unknown metadata directive.");
        Replaces(request, "x-amz-tagging-directive", "Unknown tagging directive.");
        var algorithm = request.Header("x-amz-checksum-algorithm") is { } name
            ? ChecksumRequest.OfName(name)
            : ChecksumAlgorithm.None;
        var conditions = WriteConditions.Read(request.Headers);
        for (var attempt = 1; attempt <= MaxAttempts; attempt++)
        {
            using var source = await CopySource.OpenAsync(request, reads, authorization);
            RequireCopyable(request, source, replaces);
            var checksum = await ChecksumAsync(request, source, algorithm);
            var head = new ObjectHead
            {
                Root = source.Head.Root,
                ETag = source.Head.ETag,
                PartListDigest = source.Head.PartListDigest,
                Checksum = checksum,
                PartChecksums = checksum == source.Head.Checksum ? source.Head.PartChecksums : default,
                Headers = replaces ? ObjectHeaderFields.Read(request.Headers) : source.Head.Headers,
            };
            var version = source.Version;
            var body = new ObjectBody
            {
                Inline = version.Inline,
                ObjectId = version.ObjectId,
                Shared = version.ObjectId is not null,
            };
            if (await commit.PutAsync(request, head, version.Size, body, conditions) is { } result)
            {
                await AnswerAsync(request, head, result);
                return;
            }
        }

        throw S3Errors.ConditionalRequestConflict.Thrown();
    }

    private static bool Replaces(S3Request request, string header, string refusal) => request.Header(header) switch
    {
        null or "COPY" => false,
        Replace => true,
        _ => throw S3Errors.InvalidArgument.With(refusal).Thrown(),
    };

    private static void RequireCopyable(S3Request request, CopySource source, bool replaces)
    {
        if (source.Version.Size > CopySource.MaxBytes)
        {
            throw S3Errors.InvalidRequest.With("The specified copy source is larger than the maximum allowable size "
                + "for a copy source: 5368709120").Thrown();
        }

        if (!replaces && source.Bucket == request.Bucket && source.Key == request.Key
            && request.Header("x-amz-storage-class") is null && request.Header("x-amz-server-side-encryption") is null)
        {
            throw S3Errors.InvalidRequest.With("This copy request is illegal because it is trying to copy an object "
                + "to itself without changing the object's metadata, storage class, website redirect location or "
                + "encryption attributes.").Thrown();
        }
    }

    /// <summary>
    /// The source's checksum, or one of another algorithm, for which the bytes are read but not stored.
    /// </summary>
    private async ValueTask<Checksum> ChecksumAsync(S3Request request, CopySource source, ChecksumAlgorithm algorithm)
    {
        var known = source.Head.Checksum;
        if (algorithm == ChecksumAlgorithm.None
            || (known.Algorithm == algorithm && known.Type == ChecksumType.FullObject))
            return known;
        using var computing = new IncrementalChecksum(algorithm);
        await using var body = bodies.Open(
            source.Version, source.Head, 0, source.Version.Size, request.Http.RequestAborted);
        var buffer = ArrayPool<byte>.Shared.Rent(128 << 10);
        while (await body.ReadAsync(buffer, request.Http.RequestAborted) is var count and > 0)
            computing.Append(buffer.AsSpan(0, count));
        ArrayPool<byte>.Shared.Return(buffer);
        return computing.Finish();
    }

    private static async Task AnswerAsync(S3Request request, ObjectHead head, CommitResult result)
    {
        request.Http.Response.Headers["x-amz-server-side-encryption"] = "AES256";
        using var document = new S3XmlWriter();
        document.StartDocument("CopyObjectResult"u8);
        document.Time("LastModified"u8, result.ModifiedMs);
        document.EntityTag(head.ETag);
        ObjectAnswer.WriteChecksum(document, head.Checksum);
        if (head.Checksum.Type != ChecksumType.None)
            document.Element("ChecksumType"u8, head.Checksum.Type.WireName());
        document.End("CopyObjectResult"u8);
        await SendAsync(request, document);
    }
}
