using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Vault.Grains.Abstractions.Accounts;
using Vault.Grains.Abstractions.Buckets;
using Vault.Protocol.Ids;
using Vault.Protocol.Keys;

namespace Vault.S3Gateway.Auth;

/// <summary>
/// Counts what is sealed under each generation of a bucket's key and renews the key in time (docs/spec/keys.md,
/// section 2). Seals are taken from the bucket's stored count in blocks before they are used: a process that ends
/// loses the rest of its block, and none is ever used uncounted.
/// </summary>
internal sealed partial class SealBudget(IGrainFactory grains, IOptions<S3Options> options, ILogger<SealBudget> logger)
{
    private const int MaxBlock = 1 << 16;
    private const int BlocksPerKey = 1024;
    private const int MaxKeys = 4096;
    private const int Attempts = 3;

    private readonly ConcurrentDictionary<(BucketId Bucket, int KeyNo), Block> blocks = new();

    private long Limit => options.Value.SealsPerBucketKey;

    /// <summary>
    /// Takes seals of the bucket's current key for its owner; they count whether they are used or not.
    /// </summary>
    public ValueTask TakeAsync(BucketView bucket, ProjectView owner, int seals)
    {
        var block = BlockOf(bucket);
        return Interlocked.Add(ref block.Left, -seals) >= 0 ? default : new(RefillAsync(bucket, owner, seals, block));
    }

    private Block BlockOf(BucketView bucket)
    {
        if (blocks.TryGetValue((bucket.BucketId, bucket.KeyNo), out var block))
            return block;
        if (blocks.Count >= MaxKeys)
            blocks.Clear();
        return blocks.GetOrAdd((bucket.BucketId, bucket.KeyNo), static _ => new());
    }

    private async Task RefillAsync(BucketView bucket, ProjectView owner, int seals, Block block)
    {
        await block.Filling.WaitAsync();
        try
        {
            if (Interlocked.Add(ref block.Left, -seals) >= 0)
                return;
            var count = Math.Max(seals, (int)Math.Clamp(Limit / BlocksPerKey, 1, MaxBlock));
            var taken = await grains.GetGrain<IBucketGrain>(bucket.BucketId.ToString())
                .TakeSealsAsync(bucket.KeyNo, count, CancellationToken.None);
            Interlocked.Exchange(ref block.Left, count - seals);
            if (taken > Limit - count)
                await RenewAsync(bucket, owner);
        }
        finally
        {
            block.Filling.Release();
        }
    }

    /// <summary>Draws the next generation and boxes it to all who hold this one: public keys are enough.</summary>
    private async Task RenewAsync(BucketView bucket, ProjectView owner)
    {
        var grain = grains.GetGrain<IBucketGrain>(bucket.BucketId.ToString());
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var holders = await grain.ReadKeyHoldersAsync(bucket.KeyNo, CancellationToken.None);
            using var next = BucketKey.Generate(bucket.BucketId, (uint)bucket.KeyNo + 1);
            var boxes = holders.Select(h => new KeyHolderBox { Lookup = h.Lookup, Box = next.Seal(h.PublicKey.Span) });
            var ownerBox = next.Seal(owner.PublicKey.Span);
            if (await grain.RotateKeyAsync(bucket.KeyNo + 1, ownerBox, [.. boxes], CancellationToken.None))
            {
                LogRenewed(bucket.BucketId, bucket.KeyNo + 1);
                return;
            }

            var current = await grains.GetGrain<IBucketReadGrain>(0).ResolveAsync(bucket.Name, CancellationToken.None);
            if (current is null || current.BucketId != bucket.BucketId || current.KeyNo != bucket.KeyNo)
                return;
        }

        LogNotRenewed(bucket.BucketId, bucket.KeyNo);
    }

    [LoggerMessage(EventId = 5012, Level = LogLevel.Information, Message = "Bucket {Bucket} has key {KeyNo}")]
    private partial void LogRenewed(BucketId bucket, int keyNo);

    [LoggerMessage(EventId = 5013, Level = LogLevel.Warning,
        Message = "Key {KeyNo} of bucket {Bucket} is due to be renewed and was not; it is tried again with the next "
            + "block")]
    private partial void LogNotRenewed(BucketId bucket, int keyNo);

    /// <summary>What this process has taken and not used.</summary>
    private sealed class Block
    {
        public long Left;

        public SemaphoreSlim Filling { get; } = new(1);
    }
}
