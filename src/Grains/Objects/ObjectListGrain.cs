using System.Collections.Immutable;
using Orleans.Concurrency;
using Vault.Grains.Abstractions.Buckets;
using Vault.Grains.Abstractions.Objects;
using Vault.Grains.Buckets;
using Vault.Grains.Store;
using Vault.Sql;

namespace Vault.Grains.Objects;

/// <summary>
/// Lists by range. With a delimiter it reads short runs and, where a run shows a group, seeks past the group: cost
/// follows the page, not what the groups hold.
/// </summary>
[StatelessWorker]
[Reentrant]
internal sealed class ObjectListGrain(Database database) : Grain, IObjectListGrain
{
    private const int MaxLimit = 1000;

    /// <summary>Rows read at first and after each seek; four times as many while no seek is needed.</summary>
    private const int FirstRun = 4;

    private const int MaxRun = 1024;

    public async Task<ListPage> ListAsync(ListRequest request, CancellationToken cancellationToken)
    {
        var bucket = await database.ReadFirstAsync(BucketTable.ByName, request.Bucket, cancellationToken);
        if (bucket is null)
        {
            return new ListPage { Entries = [], CommonPrefixes = [] };
        }

        var limit = Math.Clamp(request.Limit, 0, MaxLimit);
        var page = new PageBuilder(limit);
        if (limit > 0)
        {
            await FillAsync(page, bucket, request, cancellationToken);
        }

        return page.Build(bucket);
    }

    private async Task FillAsync(PageBuilder page, BucketView bucket, ListRequest request, CancellationToken ct)
    {
        var range = new KeyRange(request.Prefix, request.Delimiter, request.After);
        var run = request.Delimiter.IsEmpty ? page.Room + 1 : FirstRun;
        while (true)
        {
            var rows = await database.ReadAsync(
                range.Inclusive ? ObjectListTable.From : ObjectListTable.After,
                new ListRange(bucket.BucketId, range.After, range.End, run),
                ct);
            var skipped = 0;
            foreach (var row in rows)
            {
                var key = row.Key.Span;
                if (key.SequenceCompareTo(range.After.Span) < 0)
                {
                    skipped++; // still in the group before
                }
                else if (page.Room == 0)
                {
                    page.Truncated = true;
                    return;
                }
                else if (range.GroupOf(key) is > 0 and var group)
                {
                    page.AddGroup(row.Key[..group]);
                    range.SkipGroup(key[..group]);
                }
                else
                {
                    page.Add(row);
                    range.SkipKey(row.Key);
                }
            }

            if (rows.Count < run)
            {
                return;
            }

            run = page.Room == 0 ? 1
                : skipped > run / 2 ? FirstRun
                : Math.Min(run * 4, MaxRun);
        }
    }

    private sealed class PageBuilder(int limit)
    {
        private readonly ImmutableArray<ListEntry>.Builder _entries = ImmutableArray.CreateBuilder<ListEntry>();
        private readonly ImmutableArray<ReadOnlyMemory<byte>>.Builder _groups =
            ImmutableArray.CreateBuilder<ReadOnlyMemory<byte>>();
        private ReadOnlyMemory<byte> _last;

        public int Room => limit - _entries.Count - _groups.Count;

        public bool Truncated { get; set; }

        public void Add(ListEntry entry)
        {
            _entries.Add(entry);
            _last = entry.Key;
        }

        public void AddGroup(ReadOnlyMemory<byte> group)
        {
            _groups.Add(group);
            _last = group;
        }

        public ListPage Build(BucketView bucket) => new()
        {
            Bucket = bucket, Entries = _entries.DrainToImmutable(), CommonPrefixes = _groups.DrainToImmutable(),
            Truncated = Truncated, Last = _last,
        };
    }
}
