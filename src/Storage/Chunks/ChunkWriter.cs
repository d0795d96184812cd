using System.Security.Cryptography;
using Vault.Protocol.Encryption;
using Vault.Protocol.Ids;
using Vault.Protocol.Manifests;
using Vault.Storage.Shards;

namespace Vault.Storage.Chunks;

/// <summary>Sees a body's plaintext in order, before it is encrypted in place: hashes and checksums.</summary>
public delegate void PlaintextObserver(ReadOnlySpan<byte> plaintext);

/// <summary>
/// Turns a body into chunks on the volumes: fill a buffer, show the plaintext to the observer, encrypt in place, name
/// the shard by its hash, append; a window of appends is in flight while the next buffer fills (architecture §6). In a
/// cluster a chunk becomes k + m shards on as many hosts, and the body's profile is what the number of hosts asks for.
/// </summary>
public sealed class ChunkWriter(BufferBudget budget, ShardClient shards)
{
    private const int WindowBytes = 2 << 20;
    private const int MaxWindow = 8;

    /// <summary>So that a chunk and its parity fit the largest buffer.</summary>
    private const int MaxCodedBytes = 32 << 20;

    /// <summary>Stores a whole body.</summary>
    /// <param name="body">Read until its end; every byte is stored.</param>
    /// <param name="cipher">The cipher of this attempt.</param>
    /// <param name="attempt">The attempt, drawn for this call only.</param>
    /// <param name="length">The body's length when known: it picks the chunk size.</param>
    /// <param name="observer">Sees the plaintext; null when nobody wants it.</param>
    /// <param name="cancellationToken">Stops reading the body; what is in flight ends first.</param>
    /// <returns>What the body became; every shard that it locates is synced.</returns>
    /// <exception cref="EndOfStreamException">The body ended before <paramref name="length"/>.</exception>
    /// <exception cref="InvalidDataException">The body went on past <paramref name="length"/>.</exception>
    /// <exception cref="Volumes.VolumeException">Too few volumes took its shards.</exception>
    /// <remarks>
    /// On failure the shards stored so far are deleted; those that cannot be are orphans for the sweep.
    /// </remarks>
    public async Task<BodyManifest> WriteAsync(
        Stream body, ChunkCipher cipher, BodyAttempt attempt, long? length, PlaintextObserver? observer,
        CancellationToken cancellationToken)
    {
        if (shards.Network is { IsForming: true })
            throw new ShardUnavailableException("Too few hosts have registered to store anything yet.");
        var profile = shards.Profile;
        var chunkBytes = length is { } known
            ? ChunkSizing.ForLength(known, profile.DataShards, profile.ParityShards)
            : ChunkSizing.UnknownLengthBytes;
        if (profile.DataShards > 1) chunkBytes = Math.Min(chunkBytes, MaxCodedBytes);
        var window = Math.Clamp(WindowBytes / chunkBytes, 2, MaxWindow);
        var slots = new ChunkSlot?[window];
        var entries = new List<ShardLocation>();
        long total = 0;
        ChunkBuffer? current = null;
        ChunkBuffer? ahead = null;
        try
        {
            var aheadLength = 0;
            for (uint index = 0; ; index++)
            {
                int filled;
                if (ahead is not null)
                {
                    (current, filled, ahead) = (ahead, aheadLength, null);
                }
                else
                {
                    (current, filled) = await FillAsync(
                        body, Want(length, total, chunkBytes), profile, cancellationToken);
                }

                if (filled == 0) break;

                total += filled;
                var final = total == length || filled < Want(length, total - filled, chunkBytes);
                if (!final)
                {
                    if (length is null)
                        (ahead, aheadLength) = await FillAsync(body, chunkBytes, profile, cancellationToken);
                    final = ahead is not null && aheadLength == 0;
                }

                observer?.Invoke(current.GetSpan().Slice(ChunkCipher.NonceSize, filled));
                var slot = slots[index % window] ??= NewSlot(profile, cipher, attempt.ObjectId);
                if (slot.Busy)
                {
                    await slot.WaitAsync();
                    slot.Take(entries);
                }

                slot.Start(current, filled, index, final, inline: final && index == 0);
                current = null;
                if (final) break;
            }

            current?.Return();
            ahead?.Return();
            (current, ahead) = (null, null);
            await CheckEndAsync(body, length, total, cancellationToken);
            await CollectAsync(slots, entries, profile.Shards);
            return new BodyManifest(
                attempt, profile.DataShards, profile.ParityShards, chunkBytes, total, [.. entries]);
        }
        catch
        {
            current?.Return();
            ahead?.Return();
            await DiscardAsync(slots, entries);
            throw;
        }
    }

    private static int Want(long? length, long done, int chunkBytes) =>
        length is { } known ? (int)Math.Min(chunkBytes, Math.Max(known - done, 1)) : chunkBytes;

    private ChunkSlot NewSlot(StorageProfile profile, ChunkCipher cipher, ObjectId objectId) =>
        shards.Network is null
            ? new LocalSlot(shards, cipher, objectId)
            : new SpreadSlot(new SpreadStore(shards, profile), cipher, objectId);

    private async ValueTask<(ChunkBuffer Buffer, int Filled)> FillAsync(
        Stream body, int want, StorageProfile profile, CancellationToken cancellationToken)
    {
        var buffer = await budget.RentAsync(profile.BufferBytes(want + ChunkCipher.Overhead), cancellationToken);
        try
        {
            var room = buffer.Memory.Slice(ChunkCipher.NonceSize, want);
            return (buffer, await body.ReadAtLeastAsync(room, want, throwOnEndOfStream: false, cancellationToken));
        }
        catch
        {
            buffer.Return();
            throw;
        }
    }

    private static async ValueTask CheckEndAsync(
        Stream body, long? length, long total, CancellationToken cancellationToken)
    {
        if (length is not { } known) return;
        if (total < known) throw new EndOfStreamException($"The body ended after {total} of {known} bytes.");
        if (await body.ReadAsync(new byte[1], cancellationToken) > 0)
        {
            throw new InvalidDataException($"The body is longer than the {known} bytes it was declared with.");
        }
    }

    /// <summary>Entries are in index order because slots are waited for in index order.</summary>
    private static async ValueTask CollectAsync(ChunkSlot?[] slots, List<ShardLocation> entries, int perChunk)
    {
        for (var i = 0; i < slots.Length; i++)
        {
            if (slots[entries.Count / perChunk % slots.Length] is not { Busy: true } slot) return;
            await slot.WaitAsync();
            slot.Take(entries);
        }
    }

    private async ValueTask DiscardAsync(ChunkSlot?[] slots, List<ShardLocation> entries)
    {
        foreach (var slot in slots)
        {
            if (slot is not { Busy: true }) continue;
            try
            {
                await slot.WaitAsync();
                slot.Take(entries);
            }
            catch (Exception e) when (e is IOException
                or OperationCanceledException or CryptographicException or ObjectDisposedException)
            {
                // This shard was never stored.
            }
        }

        foreach (var entry in entries) await shards.DiscardAsync(entry);
    }
}
