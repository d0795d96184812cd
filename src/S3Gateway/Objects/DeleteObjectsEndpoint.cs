using System.Collections.Immutable;
using Microsoft.Extensions.Options;
using Vault.Grains.Abstractions.Buckets;
using Vault.Grains.Abstractions.Objects;
using Vault.Protocol.Ids;
using Vault.Protocol.Macaroons;
using Vault.S3Gateway.Auth;
using Vault.S3Gateway.Http;
using Vault.S3Gateway.Routing;

namespace Vault.S3Gateway.Objects;

/// <summary>DeleteObjects: up to 1,000 keys, one call to each partition that owns some; refusals are per key.</summary>
internal sealed class DeleteObjectsEndpoint(
    IGrainFactory grains, IndexGrains index, Authorization authorization, IOptions<S3Options> options) : S3Endpoint
{
    private const int MaxAttempts = 4;

    private readonly IBucketReadGrain buckets = grains.GetGrain<IBucketReadGrain>(0);
    private readonly IObjectReadGrain reads = grains.GetGrain<IObjectReadGrain>(0);

    public override IReadOnlyList<S3Operation> Operations { get; } = [S3Operation.DeleteObjects];

    public override async Task HandleAsync(S3Request request)
    {
        var document = await RequestDocument.ReadAsync(request, options.Value.MaxDocumentBytes, needsDigest: true);
        var delete = DeleteRequest.Parse(document);
        Check(request, delete);
        var open = delete.Items.Where(item => item.Error is null).ToList();
        for (var attempt = 1; ; attempt++)
        {
            var bucket = Authorization.RequireBucket(
                request, await buckets.ResolveAsync(request.Bucket, CancellationToken.None));
            open = await DeleteAsync(request, bucket, open);
            if (open.Count == 0)
                break;
            if (attempt == MaxAttempts)
                open.ForEach(item => item.Error = S3Errors.ConditionalRequestConflict);
        }

        using var answer = Write(delete);
        await SendAsync(request, answer);
    }

    private void Check(S3Request request, DeleteRequest delete)
    {
        foreach (var item in delete.Items)
        {
            if (!ObjectKey.TryParse(item.Name, out var key))
                item.Error = S3Errors.KeyTooLong;
            else if (!ObjectVersion.IsCurrent(item.VersionId))
                item.Error = S3Errors.NoSuchVersion;
            else if (!authorization.Allows(request, CapabilityOperations.Delete, request.Bucket, key.Bytes.Span))
                item.Error = S3Errors.AccessDenied;
            item.Key = key;
        }
    }

    /// <summary>Deletes what can be decided and returns what must be decided again.</summary>
    private async Task<List<DeleteRequest.Item>> DeleteAsync(
        S3Request request, BucketView bucket, List<DeleteRequest.Item> items)
    {
        var calls = new List<Task>();
        var again = new List<DeleteRequest.Item>();
        foreach (var group in items.GroupBy(item => item.Key!.Partition(bucket.Partitions)))
            calls.Add(DeleteGroupAsync(request, bucket, group.Key, [.. group], again));
        await Task.WhenAll(calls);
        return again;
    }

    private async Task DeleteGroupAsync(
        S3Request request, BucketView bucket, int partition, List<DeleteRequest.Item> items,
        List<DeleteRequest.Item> again)
    {
        var deletes = ImmutableArray.CreateBuilder<DeleteObject>(items.Count);
        var sent = new List<DeleteRequest.Item>(items.Count);
        foreach (var item in items)
        {
            if (await DescribeAsync(request, bucket, item) is not { } delete)
                continue;
            deletes.Add(delete);
            sent.Add(item);
        }

        if (sent.Count == 0)
            return;
        var results = await index.Of(bucket, partition)
            .DeleteManyAsync(deletes.ToImmutable(), CancellationToken.None);
        for (var i = 0; i < sent.Count; i++)
        {
            var status = results[i].Status;
            if (status == CommitStatus.Ok)
                continue;
            if (HeadCommit.MayRetry(status, attempt: 1))
            {
                lock (again)
                    again.Add(sent[i]);
            }
            else
            {
                sent[i].Error = HeadCommit.Refusal(status).Error;
            }
        }
    }

    private async ValueTask<DeleteObject?> DescribeAsync(
        S3Request request, BucketView bucket, DeleteRequest.Item item)
    {
        var key = item.Key!;
        var (precondition, sequence) = (PreconditionKind.None, 0L);
        if (!string.IsNullOrEmpty(item.IfMatch))
        {
            var read = await reads.ReadAsync(
                new() { Bucket = request.Bucket, Key = key.Bytes }, CancellationToken.None);
            if (read.Head is not { } current)
            {
                item.Error = S3Errors.NoSuchKey;
                return null;
            }

            var sealer = await request.Caller.SealerAsync(bucket.BucketId, current.KeyNo);
            if (!sealer.TryOpenList(current.ListBox.Span, current.VersionId, key, out var list)
                || !EntityTags.Matches(item.IfMatch, list.ETag.ToString()))
            {
                item.Error = S3Errors.PreconditionFailed;
                return null;
            }

            (precondition, sequence) = (PreconditionKind.Sequence, current.Sequence);
        }

        return new()
        {
            BucketId = bucket.BucketId,
            ConfigVersion = bucket.ConfigVersion,
            OperationId = Guid.NewGuid(),
            Key = key.Bytes,
            Precondition = precondition,
            ExpectedSequence = sequence,
        };
    }

    private static S3XmlWriter Write(DeleteRequest delete)
    {
        var document = new S3XmlWriter();
        document.StartDocument("DeleteResult"u8);
        foreach (var item in delete.Items)
        {
            if (item.Error is { } error)
            {
                document.Start("Error"u8);
                document.Element("Key"u8, item.Name);
                if (item.VersionId is { Length: > 0 } version)
                    document.Element("VersionId"u8, version);
                document.Element("Code"u8, error.Code);
                document.Element("Message"u8, error.Message);
                document.End("Error"u8);
            }
            else if (!delete.Quiet)
            {
                document.Start("Deleted"u8);
                document.Element("Key"u8, item.Name);
                if (item.VersionId is { Length: > 0 } version)
                    document.Element("VersionId"u8, version);
                document.End("Deleted"u8);
            }
        }

        document.End("DeleteResult"u8);
        return document;
    }
}
