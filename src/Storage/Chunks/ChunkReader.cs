using System.IO.Pipelines;
using Vault.Protocol.Encryption;
using Vault.Protocol.Manifests;
using Vault.Storage.Shards;

namespace Vault.Storage.Chunks;

/// <summary>
/// Reads a range of a body back: shard by shard into a buffer of the budget, the tag checked before a byte leaves, the
/// plaintext decrypted straight into the response's own memory when the chunk is small enough. In a cluster any k
/// shards of a chunk will do.
/// </summary>
public sealed class ChunkReader(BufferBudget budget, ShardClient shards)
{
    private const int DirectBytes = 256 << 10;
    private const int SliceBytes = 128 << 10;

    private readonly SpreadReader? _spread =
        shards.Network is { } network ? new SpreadReader(budget, shards, network) : null;

    /// <summary>
    /// Writes <paramref name="count"/> bytes from <paramref name="offset"/> of the plaintext, flushing as it goes.
    /// </summary>
    /// <param name="manifest">The body.</param>
    /// <param name="cipher">Its cipher.</param>
    /// <param name="offset">First byte.</param>
    /// <param name="count">How many.</param>
    /// <param name="destination">Where to.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <param name="resolve">Reads the manifest anew, once, when shards are not where it says: repair may have moved
    /// them.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range is not inside the body.</exception>
    /// <exception cref="ShardMissingException">A shard is gone; nothing after it was written.</exception>
    /// <exception cref="ShardDamagedException">A shard is not what was stored; nothing of it was written, and its
    /// volume was told.</exception>
    /// <exception cref="ShardUnavailableException">Too few nodes answer; nothing of the chunk was written.</exception>
    public async Task CopyToAsync(
        BodyManifest manifest, ChunkCipher cipher, long offset, long count, PipeWriter destination,
        CancellationToken cancellationToken, Func<Task<BodyManifest>>? resolve = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + count, manifest.TotalBytes, nameof(count));
        if (count == 0) return;
        var end = offset + count;
        for (var index = (int)(offset / manifest.ChunkBytes); index < manifest.ChunkCount; index++)
        {
            var start = (long)index * manifest.ChunkBytes;
            if (start >= end) return;
            var from = (int)Math.Max(offset - start, 0);
            var to = (int)Math.Min(end - start, manifest.PlaintextBytes(index));
            try
            {
                await (_spread is null
                    ? CopyLocalAsync(manifest, cipher, index, from, to, destination, cancellationToken)
                    : CopySpreadAsync(_spread, manifest, cipher, index, from, to, destination, cancellationToken));
            }
            catch (IOException e)
                when (resolve is not null && e is ShardMissingException or ShardUnavailableException)
            {
                manifest = await resolve();
                resolve = null;
                index--;
            }
        }
    }

    private async ValueTask CopyLocalAsync(
        BodyManifest manifest, ChunkCipher cipher, int index, int from, int to, PipeWriter destination,
        CancellationToken cancellationToken)
    {
        var (shard, payloadBytes) = (manifest.ShardsOf(index)[0], manifest.PayloadBytes(index));
        var buffer = await budget.RentAsync(payloadBytes, cancellationToken);
        try
        {
            var payload = buffer.Memory[..payloadBytes];
            await shards.ReadAsync(shard, payload, cancellationToken);
            if (!await WriteAsync(
                payload, cipher, (uint)index, manifest.IsFinal(index), from, to, destination, cancellationToken))
            {
                await shards.ReportDamagedAsync(shard, cancellationToken);
                throw Damaged(manifest, index);
            }
        }
        finally
        {
            buffer.Return();
        }
    }

    private async ValueTask CopySpreadAsync(
        SpreadReader spread, BodyManifest manifest, ChunkCipher cipher, int index, int from, int to,
        PipeWriter destination, CancellationToken cancellationToken)
    {
        var buffer = await budget.RentAsync(SpreadReader.BufferBytes(manifest, index), cancellationToken);
        try
        {
            var payload = buffer.Memory[..manifest.PayloadBytes(index)];
            try
            {
                await spread.ReadAsync(manifest, index, buffer.Memory, verify: false, cancellationToken);
            }
            catch (ShardUnavailableException)
            {
                // Too many were slow at once: the one second try before the client's answer breaks off.
                await spread.ReadAsync(manifest, index, buffer.Memory, verify: false, cancellationToken);
            }

            if (await WriteAsync(
                payload, cipher, (uint)index, manifest.IsFinal(index), from, to, destination, cancellationToken))
                return;

            // Somebody lied or a disk did: again, and each shard must be what its cid says.
            await spread.ReadAsync(manifest, index, buffer.Memory, verify: true, cancellationToken);
            if (!await WriteAsync(
                payload, cipher, (uint)index, manifest.IsFinal(index), from, to, destination, cancellationToken))
                throw Damaged(manifest, index);
        }
        finally
        {
            buffer.Return();
        }
    }

    private static ShardDamagedException Damaged(BodyManifest manifest, int index) =>
        new($"chunk {index} of body {manifest.Attempt.ObjectId} is damaged");

    private static async ValueTask<bool> WriteAsync(
        Memory<byte> payload, ChunkCipher cipher, uint index, bool final, int from, int to, PipeWriter destination,
        CancellationToken cancellationToken)
    {
        var plainBytes = payload.Length - ChunkCipher.Overhead;
        if (from == 0 && to == plainBytes && plainBytes <= DirectBytes)
        {
            if (!cipher.TryDecrypt(payload.Span, index, final, destination.GetSpan(plainBytes)[..plainBytes]))
                return false;
            destination.Advance(plainBytes);
            await FlushAsync(destination, cancellationToken);
            return true;
        }

        if (!cipher.TryDecryptInPlace(payload.Span, index, final)) return false;
        for (var at = from; at < to;)
        {
            var take = Math.Min(SliceBytes, to - at);
            payload.Span.Slice(ChunkCipher.NonceSize + at, take).CopyTo(destination.GetSpan(take));
            destination.Advance(take);
            at += take;
            await FlushAsync(destination, cancellationToken);
        }

        return true;
    }

    private static async ValueTask FlushAsync(PipeWriter destination, CancellationToken cancellationToken)
    {
        var flushed = await destination.FlushAsync(cancellationToken);
        if (flushed.IsCompleted || flushed.IsCanceled) throw new OperationCanceledException("The reader went away.");
    }
}
