using System.IO.Pipelines;
using Vault.Protocol.Encryption;
using Vault.Protocol.Manifests;
using Vault.Storage.Shards;

namespace Vault.Storage.Chunks;

/// <summary>
/// Reads a range of a body back: shard by shard into a buffer of the budget, the tag checked before a byte leaves, the
/// plaintext decrypted straight into the response's own memory when the chunk is small enough.
/// </summary>
public sealed class ChunkReader(BufferBudget budget, ShardClient shards)
{
    private const int DirectBytes = 256 << 10;
    private const int SliceBytes = 128 << 10;

    /// <summary>
    /// Writes <paramref name="count"/> bytes from <paramref name="offset"/> of the plaintext, flushing as it goes.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The range is not inside the body.</exception>
    /// <exception cref="ShardMissingException">A shard is gone; nothing after it was written.</exception>
    /// <exception cref="ShardDamagedException">A shard is not what was stored; nothing of it was written, and its
    /// volume was told.</exception>
    public async Task CopyToAsync(
        BodyManifest manifest, ChunkCipher cipher, long offset, long count, PipeWriter destination,
        CancellationToken cancellationToken)
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
            var (shard, payloadBytes) = (manifest.ShardsOf(index)[0], manifest.PayloadBytes(index));
            var from = (int)Math.Max(offset - start, 0);
            var to = (int)Math.Min(end - start, payloadBytes - ChunkCipher.Overhead);
            var buffer = await budget.RentAsync(payloadBytes, cancellationToken);
            try
            {
                var payload = buffer.Memory[..payloadBytes];
                await shards.ReadAsync(shard, payload, cancellationToken);
                if (!await WriteAsync(
                    payload, cipher, (uint)index, manifest.IsFinal(index), from, to, destination, cancellationToken))
                {
                    await shards.ReportDamagedAsync(shard, cancellationToken);
                    throw new ShardDamagedException(
                        $"chunk {index} of body {manifest.Attempt.ObjectId} is damaged on volume {shard.Volume}");
                }
            }
            finally
            {
                buffer.Return();
            }
        }
    }

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
