using System.IO.Pipelines;
using Vault.Grains.Abstractions.Objects;
using Vault.Protocol.Encryption;
using Vault.Protocol.Keys;
using Vault.Protocol.Manifests;
using Vault.S3Gateway.Http;
using Vault.Storage.Chunks;
using Vault.Storage.Shards;

namespace Vault.S3Gateway.Objects;

/// <summary>Bodies on the volumes: stores one, reads a range of one, whatever it is made of.</summary>
internal sealed class BodyStore(
    ChunkWriter writer, ChunkReader reader, ShardClient shards, ManifestCache manifests, RunningReads reads,
    IGrainFactory grains, TimeProvider time)
{
    private const int ManifestPageBytes = 48 << 10;

    /// <summary>Decisions §3.7: a transfer ends after this; its grant would be refused anyway.</summary>
    private static readonly TimeSpan LongestTransfer = TimeSpan.FromHours(12);

    /// <summary>Stores a body; nothing refers to it yet.</summary>
    /// <param name="body">Read to its end.</param>
    /// <param name="root">The object's root.</param>
    /// <param name="length">Length when known.</param>
    /// <param name="digest">Sees the plaintext; finished on return.</param>
    /// <param name="aborted">Ends the reading.</param>
    public async Task<StoredBody> StoreAsync(
        Stream body, SecretKey root, long? length, BodyDigest digest, CancellationToken aborted)
    {
        using var limit = new CancellationTokenSource(LongestTransfer, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(aborted, limit.Token);
        var granted = await reads.GrantAsync(either.Token);
        var attempt = BodyAttempt.New(time.GetUtcNow());
        using var cipher = new ChunkCipher(root.Bytes, attempt);
        BodyManifest manifest;
        try
        {
            manifest = await writer.WriteAsync(body, cipher, attempt, length, digest.Append, either.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            throw S3Errors.TransferTooLong.Thrown();
        }
        catch (Exception cut) when (cut is EndOfStreamException or InvalidDataException)
        {
            throw S3Errors.IncompleteBody.Thrown();
        }

        digest.Finish();
        return new(await DescribeAsync(manifest, granted), manifest);
    }

    /// <summary>
    /// Deletes a body that will not be committed; what cannot be deleted now is an orphan for the sweep.
    /// </summary>
    public async Task DiscardAsync(StoredBody stored)
    {
        for (var i = 0; i < stored.Manifest.Shards.Length; i++)
            await shards.DiscardAsync(stored.Manifest.Shards.Span[i]);
    }

    /// <summary>Writes a range of a body.</summary>
    /// <param name="head">The version.</param>
    /// <param name="opened">Its opened head.</param>
    /// <param name="offset">First byte.</param>
    /// <param name="count">How many.</param>
    /// <param name="destination">Where to.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="S3Exception">500: the body is damaged.</exception>
    public async Task CopyToAsync(
        SealedHead head, ObjectHead opened, long offset, long count, PipeWriter destination,
        CancellationToken cancellationToken)
    {
        if (count == 0)
            return;
        if (head.ObjectId is not { } id)
        {
            CopyInline(head, opened, (int)offset, (int)count, destination);
            await destination.FlushAsync(cancellationToken);
            return;
        }

        using var reading = reads.Begin();
        if (opened.PartListDigest.IsEmpty)
        {
            await CopyBodyAsync(
                await manifests.BodyAsync(id, head.Manifest), opened.Root, offset, count, destination,
                cancellationToken);
            return;
        }

        var parts = await PartsAsync(head, opened);
        for (var i = parts.IndexAt(offset); count > 0; i++)
        {
            var skip = offset - parts.StartOf(i);
            var take = Math.Min(count, parts.Parts[i].Bytes - skip);
            if (take <= 0)
                continue;
            var manifest = await manifests.BodyAsync(parts.Parts[i].ObjectId, default);
            await CopyBodyAsync(manifest, opened.Root, skip, take, destination, cancellationToken);
            offset += take;
            count -= take;
        }
    }

    /// <summary>A range of a body as a stream; a failure to read it comes out of the stream.</summary>
    public Stream Open(
        SealedHead head, ObjectHead opened, long offset, long count, CancellationToken cancellationToken)
    {
        var pipe = new Pipe();
        _ = FillAsync();
        return pipe.Reader.AsStream();

        async Task FillAsync()
        {
            Exception? failure = null;
            try
            {
                await CopyToAsync(head, opened, offset, count, pipe.Writer, cancellationToken);
            }
            catch (Exception exception)
            {
                failure = exception;
            }

            await pipe.Writer.CompleteAsync(failure);
        }
    }

    /// <summary>The part list of a multipart object, proven by the digest in its head.</summary>
    /// <exception cref="S3Exception">500: it is missing or another one.</exception>
    public async ValueTask<CompositeManifest> PartsAsync(SealedHead head, ObjectHead opened)
    {
        var id = head.ObjectId ?? throw S3Errors.DamagedObject.Thrown();
        var (manifest, cbor) = await manifests.CompositeAsync(id, head.Manifest);
        return CompositeManifest.Digest(cbor.Span).AsSpan().SequenceEqual(opened.PartListDigest.Span)
            ? manifest
            : throw S3Errors.DamagedObject.Thrown();
    }

    /// <summary>Decrypts an inline body.</summary>
    /// <exception cref="S3Exception">500: it is damaged.</exception>
    public static void CopyInline(SealedHead head, ObjectHead opened, int offset, int count, PipeWriter destination)
    {
        Span<byte> plain = stackalloc byte[InlineBody.MaxBytes];
        var length = InlineBody.LengthOf(head.Inline);
        if (length < 0 || length > plain.Length || length != head.Size
            || !InlineBody.TryOpen(head.Inline.Span, opened.Root, plain[..length]))
            throw S3Errors.DamagedObject.Thrown();
        plain.Slice(offset, count).CopyTo(destination.GetSpan(count));
        destination.Advance(count);
    }

    private async Task CopyBodyAsync(
        BodyManifest manifest, SecretKey root, long offset, long count, PipeWriter destination,
        CancellationToken cancellationToken)
    {
        using var cipher = new ChunkCipher(root.Bytes, manifest.Attempt);
        await reader.CopyToAsync(
            manifest, cipher, offset, count, destination, cancellationToken,
            manifest.ParityShards == 0 ? null : () => manifests.AgainAsync(manifest.Attempt.ObjectId));
    }

    private async Task<ObjectBody> DescribeAsync(BodyManifest manifest, long granted)
    {
        var cbor = manifest.Encode();
        long stored = 0;
        for (var chunk = 0; chunk < manifest.ChunkCount; chunk++)
            stored += (long)manifest.ShardBytes(chunk) * manifest.ShardsPerChunk;
        var id = manifest.Attempt.ObjectId;
        var absent = manifest.ParityShards == 0 ? 0 : manifest.AbsentShards;
        if (cbor.Length <= ManifestPageBytes)
        {
            return new()
            {
                ObjectId = id, Manifest = cbor, StoredBytes = stored, GrantedAtMs = granted, AbsentShards = absent,
            };
        }

        var grain = grains.GetGrain<IManifestGrain>(0);
        var pages = (cbor.Length + ManifestPageBytes - 1) / ManifestPageBytes;
        for (var page = 0; page < pages; page++)
        {
            var at = page * ManifestPageBytes;
            var part = cbor.AsMemory(at, Math.Min(ManifestPageBytes, cbor.Length - at));
            await grain.StagePageAsync(id, page, part, CancellationToken.None);
        }

        return new()
        {
            ObjectId = id, ManifestPages = pages, StoredBytes = stored, GrantedAtMs = granted, AbsentShards = absent,
        };
    }
}

/// <summary>A body that was stored and not yet committed.</summary>
internal readonly record struct StoredBody(ObjectBody Body, BodyManifest Manifest)
{
    /// <summary>Plaintext bytes.</summary>
    public long Size => Manifest.TotalBytes;
}
