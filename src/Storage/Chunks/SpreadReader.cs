using Vault.Protocol.Ids;
using Vault.Protocol.Manifests;
using Vault.Storage.Shards;

namespace Vault.Storage.Chunks;

/// <summary>
/// Brings one chunk's payload back from any k of its shards: those that answer first, data shards before parity, one
/// more when they are slow. What is missing or damaged is gone around and reported.
/// </summary>
internal sealed class SpreadReader(BufferBudget budget, ShardClient shards, ShardNetwork network)
{
    private readonly Placement _placement = new(shards, network);

    /// <summary>Fills the front of <paramref name="buffer"/> with the payload.</summary>
    /// <param name="manifest">Where the shards are.</param>
    /// <param name="chunk">Which chunk.</param>
    /// <param name="buffer">As many bytes as <see cref="BufferBytes"/> says.</param>
    /// <param name="verify">Compare each shard with its cid: after a tag has failed.</param>
    /// <param name="ct">Ends it.</param>
    /// <exception cref="ShardMissingException">Too few shards, whoever answers, and some are gone.</exception>
    /// <exception cref="ShardDamagedException">Too few shards, whoever answers, and some are damaged.</exception>
    /// <exception cref="ShardUnavailableException">Too few nodes answer now.</exception>
    public async Task ReadAsync(
        BodyManifest manifest, int chunk, Memory<byte> buffer, bool verify, CancellationToken ct)
    {
        var fetch = new Fetch(manifest, chunk, verify);
        foreach (var index in Order(manifest, chunk)) fetch.Waiting.Enqueue(index);
        var done = manifest.DataShards == 1
            ? await CopyAsync(fetch, buffer[..fetch.ShardBytes], ct)
            : await DecodeAsync(fetch, buffer, ct);
        if (done) return;
        ct.ThrowIfCancellationRequested();
        throw fetch.Failure(network.Map.Epoch);
    }

    public static int BufferBytes(BodyManifest manifest, int chunk) => manifest.DataShards == 1
        ? manifest.PayloadBytes(chunk)
        : manifest.ShardBytes(chunk) * manifest.ShardsPerChunk;

    /// <summary>
    /// Shards of one's own first where any will do, then those that seem to answer, data before parity.
    /// </summary>
    private IEnumerable<int> Order(BodyManifest manifest, int chunk)
    {
        var order = new List<(int Index, int Rank)>();
        for (var i = 0; i < manifest.ShardsPerChunk; i++)
        {
            var shard = manifest.ShardsOf(chunk)[i];
            if (shard.IsAbsent) continue;
            var local = manifest.DataShards == 1 && shards.Local(shard.Volume) is not null;
            order.Add((i, local ? 0 : _placement.Answers(shard.Volume) ? 1 : 2));
        }

        return order.OrderBy(static o => o.Rank).Select(static o => o.Index);
    }

    /// <summary>Copies: one answer is enough; memory for a second is asked for only when the first is slow.</summary>
    private async Task<bool> CopyAsync(Fetch fetch, Memory<byte> into, CancellationToken ct)
    {
        while (fetch.Waiting.TryDequeue(out var index))
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
            var first = ReadShardAsync(fetch, index, into, stop.Token);
            try
            {
                if (!first.IsCompleted && fetch.Waiting.Count > 0 && await IsSlowAsync(first, fetch, index, ct)
                    && budget.TryRent(into.Length) is { } spare)
                {
                    using (spare)
                    {
                        if (await HedgeAsync(fetch, first, into, spare.Memory[..into.Length], stop)) return true;
                        continue;
                    }
                }

                if (await first) return true;
            }
            finally
            {
                await EndAsync(stop, [first]);
            }
        }

        return false;
    }

    /// <summary>Reads the next copy into <paramref name="spare"/> beside the first; the faster one counts.</summary>
    private async Task<bool> HedgeAsync(
        Fetch fetch, Task<bool> first, Memory<byte> into, Memory<byte> spare, CancellationTokenSource stop)
    {
        network.Instruments.Hedged();
        var second = ReadShardAsync(fetch, fetch.Waiting.Dequeue(), spare, stop.Token);
        Task<bool> winner;
        try
        {
            winner = await Task.WhenAny(first, second);
            if (!await winner) winner = winner == first ? second : first;
            await winner;
        }
        finally
        {
            await EndAsync(stop, [first, second]);
        }

        var won = await winner;
        if (won && winner == second) spare.CopyTo(into);
        return won;
    }

    private async Task<bool> DecodeAsync(Fetch fetch, Memory<byte> buffer, CancellationToken ct)
    {
        var manifest = fetch.Manifest;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var reading = new List<(Task<bool> Task, int Index)>();
        var have = new bool[manifest.ShardsPerChunk];
        var (count, hedged) = (0, false);
        try
        {
            for (var i = 0; i < manifest.DataShards; i++) Next();
            while (count < manifest.DataShards && reading.Count > 0)
            {
                var any = Task.WhenAny(reading.Select(static r => r.Task));
                if (!hedged && fetch.Waiting.Count > 0 && !any.IsCompleted
                    && await IsSlowAsync(any, fetch, reading[0].Index, ct))
                {
                    hedged = true;
                    network.Instruments.Hedged();
                    Next();
                    continue;
                }

                await any;
                var at = reading.FindIndex(static r => r.Task.IsCompleted);
                var (done, index) = reading[at];
                reading.RemoveAt(at);
                if (await done)
                {
                    have[index] = true;
                    count++;
                }
                else
                {
                    Next();
                }
            }
        }
        finally
        {
            await EndAsync(stop, [.. reading.Select(static r => r.Task)]);
        }

        foreach (var (late, index) in reading) have[index] = await late;
        if (count < manifest.DataShards) return false;
        if (have.AsSpan(0, manifest.DataShards).Contains(false))
        {
            ErasureCodecs.Of(manifest.DataShards, manifest.ParityShards)
                .TryReconstruct(buffer.Span[..(fetch.ShardBytes * have.Length)], fetch.ShardBytes, have);
        }

        return true;

        void Next()
        {
            if (!fetch.Waiting.TryDequeue(out var index)) return;
            var to = buffer.Slice(index * fetch.ShardBytes, fetch.ShardBytes);
            reading.Add((ReadShardAsync(fetch, index, to, stop.Token), index));
        }
    }

    /// <summary>
    /// Ends reads, whatever became of them: whoever rents their buffer next must be the only one who writes into it.
    /// </summary>
    private static async Task EndAsync(CancellationTokenSource stop, Task[] reads)
    {
        if (Array.TrueForAll(reads, static read => read.IsCompleted)) return;
        await stop.CancelAsync();
        await Task.WhenAll(reads).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Whether a read is still going on when most would have ended.</summary>
    private async Task<bool> IsSlowAsync(Task read, Fetch fetch, int index, CancellationToken ct)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var delay = Task.Delay(shards.HedgeDelay(fetch.Shard(index).Volume), network.Time, enough.Token);
        var slow = await Task.WhenAny(read, delay) == delay && !ct.IsCancellationRequested;
        await enough.CancelAsync();
        return slow;
    }

    /// <summary>False when it came to nothing; what repair should know is reported.</summary>
    private async Task<bool> ReadShardAsync(Fetch fetch, int index, Memory<byte> into, CancellationToken ct)
    {
        var shard = fetch.Shard(index);
        try
        {
            await shards.ReadAsync(shard, into, ct);
            if (!fetch.Verify || Cid.Compute(into.Span) == shard.Cid)
            {
                Interlocked.Increment(ref fetch.Read);
                return true;
            }

            Interlocked.Increment(ref fetch.Damaged);
            network.Instruments.WentAround("damaged");
            network.Reports.Add(fetch.Manifest.Attempt.ObjectId);
            await shards.ReportDamagedAsync(shard, ct);
        }
        catch (ShardMissingException)
        {
            Interlocked.Increment(ref fetch.Missing);
            network.Instruments.WentAround("missing");
            network.Reports.Add(fetch.Manifest.Attempt.ObjectId);
        }
        catch (ShardDamagedException)
        {
            Interlocked.Increment(ref fetch.Damaged);
            network.Instruments.WentAround("damaged");
            network.Reports.Add(fetch.Manifest.Attempt.ObjectId);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // Also a disk that failed to read: the shard may be there.
            Interlocked.Increment(ref fetch.Away);
            network.Instruments.WentAround("away");
        }
        catch (OperationCanceledException)
        {
            // Another shard was faster, or the reader went away.
        }

        return false;
    }

    private sealed class Fetch(BodyManifest manifest, int chunk, bool verify)
    {
        /// <summary>How reads ended, which run beside each other.</summary>
        public int Read, Missing, Damaged, Away;

        public BodyManifest Manifest => manifest;

        public bool Verify => verify;

        public int ShardBytes { get; } = manifest.ShardBytes(chunk);

        public Queue<int> Waiting { get; } = new();

        public ShardLocation Shard(int index) => manifest.ShardsOf(chunk)[index];

        public IOException Failure(long epoch)
        {
            var which = $"chunk {chunk} of body {manifest.Attempt.ObjectId}";
            return Read + Away >= manifest.DataShards || Missing + Damaged == 0
                ? new ShardUnavailableException($"too few nodes of map {epoch} that have shards of {which} answer")
                : Missing > 0 ? new ShardMissingException($"shards of {which} are missing")
                : new ShardDamagedException($"shards of {which} are damaged");
        }
    }
}
