using System.Globalization;
using Microsoft.AspNetCore.Http;
using Vault.Grains.Abstractions.Objects;
using Vault.Protocol.Keys;
using Vault.S3Gateway.Auth;
using Vault.S3Gateway.Http;
using Vault.S3Gateway.Routing;
using Vault.Storage.Shards;

namespace Vault.S3Gateway.Objects;

/// <summary>GetObject and HeadObject.</summary>
internal sealed class GetObjectEndpoint(
    IGrainFactory grains, BodyStore bodies, ManifestCache manifests, Authorization authorization) : S3Endpoint
{
    private readonly IObjectReadGrain reads = grains.GetGrain<IObjectReadGrain>(0);

    public override IReadOnlyList<S3Operation> Operations { get; } = [S3Operation.GetObject, S3Operation.HeadObject];

    public override async Task HandleAsync(S3Request request)
    {
        try
        {
            await ReadAsync(request);
        }
        catch (ShardMissingException) when (!request.Http.Response.HasStarted)
        {
            manifests.Clear();
            await ReadAsync(request);
        }
    }

    private async Task ReadAsync(S3Request request)
    {
        ObjectVersion.RequireCurrent(request.Query["versionId"]);
        var isGet = request.Operation == S3Operation.GetObject;
        var read = await reads.ReadAsync(
            new() { Bucket = request.Bucket, Key = request.Key.Bytes, WithBody = isGet }, CancellationToken.None);
        var bucket = Authorization.RequireBucket(request, read.Bucket);
        if (read.Head is not { } version)
            throw authorization.MissingKey(request, request.Key);
        var sealer = await request.Caller.SealerAsync(bucket.BucketId, version.KeyNo);
        if (!sealer.TryOpenHead(version.HeadBox.Span, version.VersionId, request.Key, out var head))
            throw S3Errors.DamagedObject.Thrown();
        using (head)
        {
            if (!ConditionsHold(request, version, head))
                return;
            var range = await SelectAsync(request, version, head);
            WriteHeaders(request, version, head, range);
            if (isGet)
                await SendAsync(request, version, head, range);
        }
    }

    private static bool ConditionsHold(S3Request request, SealedHead version, ObjectHead head)
    {
        var conditions = ReadConditions.OfRead(request.Headers);
        if (!conditions.Any)
            return true;
        switch (conditions.Evaluate(head.ETag.ToString(), version.ModifiedMs))
        {
            case ConditionOutcome.Failed:
                throw S3Errors.PreconditionFailed.Thrown();
            case ConditionOutcome.NotModified:
                ObjectAnswer.WriteIdentity(request, head, version.ModifiedMs);
                request.Http.Response.StatusCode = StatusCodes.Status304NotModified;
                return false;
            default:
                return true;
        }
    }

    private async ValueTask<ByteRange> SelectAsync(S3Request request, SealedHead version, ObjectHead head)
    {
        var rangeHeader = request.Headers.Range.Count == 0 ? null : request.Headers.Range.ToString();
        if (request.Query["partNumber"] is { } partNumber)
        {
            if (rangeHeader is not null)
                throw S3Errors.InvalidRequest.With("Cannot specify both Range header and partNumber query parameter")
                    .Thrown();
            return await PartAsync(request, version, head, partNumber);
        }

        if (rangeHeader is null || !IfRangeHolds(request, version, head))
            return new(RangeKind.Whole, 0, version.Size);
        var range = ByteRange.Parse(rangeHeader, version.Size);
        if (range.Kind != RangeKind.Unsatisfiable)
            return range;
        request.RangeSize = version.Size;
        throw S3Errors.InvalidRange.Thrown();
    }

    private static bool IfRangeHolds(S3Request request, SealedHead version, ObjectHead head)
    {
        if (request.Headers.IfRange.Count == 0)
            return true;
        var value = request.Headers.IfRange.ToString();
        if (HttpDates.TryParse(value, out var seconds))
            return version.ModifiedMs / 1000 == seconds;
        return EntityTags.Matches(value, head.ETag.ToString());
    }

    private async ValueTask<ByteRange> PartAsync(
        S3Request request, SealedHead version, ObjectHead head, string partNumber)
    {
        var number = PartNumbers.Parse(partNumber);
        if (head.PartListDigest.IsEmpty)
        {
            return number == 1
                ? new(version.Size == 0 ? RangeKind.Whole : RangeKind.Partial, 0, version.Size)
                : throw S3Errors.InvalidPartNumber.Thrown();
        }

        var parts = await bodies.PartsAsync(version, head);
        if (number > parts.Parts.Length)
            throw S3Errors.InvalidPartNumber.Thrown();
        request.Http.Response.Headers["x-amz-mp-parts-count"] =
            parts.Parts.Length.ToString(CultureInfo.InvariantCulture);
        var part = parts.Parts[number - 1];
        return new(part.Bytes == 0 ? RangeKind.Whole : RangeKind.Partial, parts.StartOf(number - 1), part.Bytes);
    }

    private static void WriteHeaders(S3Request request, SealedHead version, ObjectHead head, ByteRange range)
    {
        var partial = range.Kind == RangeKind.Partial;
        ObjectAnswer.WriteIdentity(request, head, version.ModifiedMs);
        ObjectAnswer.WriteDescription(request, head, whole: !partial || range.Length == version.Size);
        var response = request.Http.Response;
        response.StatusCode = partial ? StatusCodes.Status206PartialContent : StatusCodes.Status200OK;
        response.Headers.ContentLength = range.Length;
        if (partial)
            response.Headers.ContentRange = range.ContentRange(version.Size);
    }

    private async ValueTask SendAsync(S3Request request, SealedHead version, ObjectHead head, ByteRange range)
    {
        if (range.Length == 0)
            return;
        var writer = request.Http.Response.BodyWriter;
        if (version.ObjectId is null)
            BodyStore.CopyInline(version, head, (int)range.Offset, (int)range.Length, writer);
        else
            await bodies.CopyToAsync(version, head, range.Offset, range.Length, writer, request.Http.RequestAborted);
        request.BytesOut = range.Length;
    }
}
