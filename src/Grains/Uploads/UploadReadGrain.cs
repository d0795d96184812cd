using System.Collections.Immutable;
using Orleans.Concurrency;
using Vault.Grains.Abstractions.Buckets;
using Vault.Grains.Abstractions.Uploads;
using Vault.Grains.Buckets;
using Vault.Grains.Objects;
using Vault.Grains.Store;
using Vault.Protocol.Ids;
using Vault.Sql;

namespace Vault.Grains.Uploads;

/// <summary>Reads of uploads, their parts and their listing.</summary>
[StatelessWorker]
[Reentrant]
internal sealed class UploadReadGrain(Database database) : Grain, IUploadReadGrain
{
    private const int MaxLimit = 1000;
    private static readonly UploadRead NoBucket = new();
    private static readonly byte[] BeforeAll = [];
    private static readonly byte[] AfterAll = [.. Enumerable.Repeat((byte)0xFF, 17)];

    private readonly ReadCombiner<UploadRequest, UploadRead> _uploads = new(database, UploadReadTable.Read);

    public async Task<UploadRead> ReadAsync(
        string bucket, ReadOnlyMemory<byte> key, UploadId uploadId, CancellationToken cancellationToken) =>
        await _uploads.ReadAsync(new UploadRequest(bucket, key, uploadId), cancellationToken) ?? NoBucket;

    /// <remarks>The version is read first: parts that come later make it old, never wrongly new.</remarks>
    public async Task<PartsPage> ReadPartsAsync(
        UploadId uploadId, int afterPartNumber, int limit, CancellationToken cancellationToken)
    {
        limit = Math.Clamp(limit, 0, MaxLimit);
        var version = await database.ReadFirstAsync(UploadReadTable.PartsVersion, uploadId, cancellationToken);
        var rows = await database.ReadAsync(
            UploadReadTable.Parts, new PartsAfter(uploadId, afterPartNumber, limit + 1), cancellationToken);
        return new PartsPage
        {
            PartsVersion = version?.Value ?? 0,
            Parts = [.. rows.Take(limit)],
            Truncated = rows.Count > limit,
        };
    }

    public async Task<UploadsPage> ListAsync(ListUploads request, CancellationToken cancellationToken)
    {
        var bucket = await database.ReadFirstAsync(BucketTable.ByName, request.Bucket, cancellationToken);
        if (bucket is null)
        {
            return new UploadsPage { Uploads = [], CommonPrefixes = [] };
        }

        var uploads = ImmutableArray.CreateBuilder<UploadView>();
        var groups = ImmutableArray.CreateBuilder<ReadOnlyMemory<byte>>();
        var truncated = await FillAsync(uploads, groups, bucket, request, cancellationToken);
        return new UploadsPage
        {
            Bucket = bucket, Uploads = uploads.DrainToImmutable(), CommonPrefixes = groups.DrainToImmutable(),
            Truncated = truncated,
        };
    }

    private async Task<bool> FillAsync(
        ImmutableArray<UploadView>.Builder uploads, ImmutableArray<ReadOnlyMemory<byte>>.Builder groups,
        BucketView bucket, ListUploads request, CancellationToken ct)
    {
        var limit = Math.Clamp(request.Limit, 0, MaxLimit);
        var range = new KeyRange(request.Prefix, request.Delimiter, request.AfterKey);
        var after = range.Inclusive ? BeforeAll : AfterAll;
        if (request.AfterUpload is { } marker && range.After.Span.SequenceEqual(request.AfterKey.Span))
        {
            after = marker.ToArray();
        }

        while (limit > 0)
        {
            var run = limit - uploads.Count - groups.Count + 1;
            var rows = await database.ReadAsync(
                UploadReadTable.Open,
                new UploadRange
                {
                    BucketId = bucket.BucketId, From = range.After, End = range.End, AfterUpload = after, Limit = run,
                },
                ct);
            foreach (var row in rows)
            {
                var key = row.Key.Span;
                if (key.SequenceCompareTo(range.After.Span) < 0)
                {
                    continue; // still in the group before
                }

                if (uploads.Count + groups.Count == limit)
                {
                    return true;
                }

                if (range.GroupOf(key) is > 0 and var group)
                {
                    groups.Add(row.Key[..group]);
                    range.SkipGroup(key[..group]);
                    after = BeforeAll;
                }
                else
                {
                    uploads.Add(row);
                    range.SkipKey(row.Key);
                    after = row.UploadId.ToArray();
                }
            }

            if (rows.Count < run)
            {
                return false;
            }
        }

        return false;
    }
}
