using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Vault.Grains.Abstractions.Objects;
using Vault.Protocol.Ids;
using Vault.Protocol.Manifests;

namespace Vault.S3Gateway.Objects;

/// <summary>
/// Manifests by object id. What they describe never changes, so they may be kept; where its shards are may, by repair:
/// one whose shard is missing is forgotten and read again before anybody is told (decisions §1.5).
/// </summary>
internal sealed class ManifestCache(IGrainFactory grains, IOptions<S3Options> options)
{
    private const int BytesPerShard = 64;
    private const int MaxPages = 512;

    /// <summary>Of one manifest, until it decodes: repair does not replace it that often in so little time.</summary>
    private const int MaxReads = 5;

    private readonly ConcurrentDictionary<ObjectId, Entry> entries = new();
    private readonly ConcurrentQueue<ObjectId> order = new();
    private long bytes;

    /// <summary>The manifest of one body, from <paramref name="inHand"/> when the head came with it.</summary>
    /// <exception cref="S3Exception">500: there is no such manifest, or it is malformed.</exception>
    public async ValueTask<BodyManifest> BodyAsync(ObjectId id, ReadOnlyMemory<byte> inHand)
    {
        if (entries.TryGetValue(id, out var entry))
            return entry.Manifest;
        if (!inHand.IsEmpty)
            return BodyManifest.TryDecode(inHand, out var known) ? known : throw S3Errors.DamagedObject.Thrown();
        var manifest = await ReadBodyAsync(id);
        Add(id, manifest);
        return manifest;
    }

    /// <summary>The manifest as it is now: repair may have written other locations.</summary>
    /// <exception cref="S3Exception">500: there is no such manifest any more, or it is malformed.</exception>
    public async Task<BodyManifest> AgainAsync(ObjectId id)
    {
        Remove(id);
        return await BodyAsync(id, default);
    }

    /// <summary>The part list of a multipart object and its encoding, whose digest is in the head.</summary>
    /// <exception cref="S3Exception">500: there is no such list, or it is malformed.</exception>
    public async ValueTask<(CompositeManifest Manifest, ReadOnlyMemory<byte> Cbor)> CompositeAsync(
        ObjectId id, ReadOnlyMemory<byte> inHand)
    {
        var cbor = inHand.IsEmpty ? (await ReadAsync(id)).Cbor : inHand;
        return CompositeManifest.TryDecode(cbor, out var manifest)
            ? (manifest, cbor)
            : throw S3Errors.DamagedObject.Thrown();
    }

    /// <summary>Forgets everything, so that the next read comes from the database.</summary>
    public void Clear()
    {
        foreach (var id in entries.Keys)
            Remove(id);
    }

    /// <summary>
    /// Repair may replace a manifest between two of its pages: what then does not fit together is read again.
    /// </summary>
    private async Task<BodyManifest> ReadBodyAsync(ObjectId id)
    {
        for (var reads = 1; ; reads++)
        {
            var (cbor, pages) = await ReadAsync(id);
            if (BodyManifest.TryDecode(cbor, out var manifest))
                return manifest;
            if (pages == 1 || reads == MaxReads)
                throw S3Errors.DamagedObject.Thrown();
        }
    }

    /// <returns>The pages put together, as far as they are there, and how many there should be.</returns>
    private async Task<(ReadOnlyMemory<byte> Cbor, int Pages)> ReadAsync(ObjectId id)
    {
        var grain = grains.GetGrain<IManifestGrain>(0);
        var first = await grain.ReadPageAsync(id, 0, CancellationToken.None) ?? throw S3Errors.DamagedObject.Thrown();
        if (first.Pages == 1)
            return (first.Body, 1);
        if (first.Pages > MaxPages)
            throw S3Errors.DamagedObject.Thrown();
        var whole = new MemoryStream(first.Body.Length * first.Pages);
        whole.Write(first.Body.Span);
        for (var page = 1; page < first.Pages; page++)
        {
            if (await grain.ReadPageAsync(id, page, CancellationToken.None) is not { } next)
                break;
            whole.Write(next.Body.Span);
        }

        return (whole.GetBuffer().AsMemory(0, (int)whole.Length), first.Pages);
    }

    private void Add(ObjectId id, BodyManifest manifest)
    {
        var size = 256 + (manifest.Shards.Length * BytesPerShard);
        if (size > options.Value.ManifestCacheBytes || !entries.TryAdd(id, new(manifest, size)))
            return;
        order.Enqueue(id);
        Interlocked.Add(ref bytes, size);
        while (Interlocked.Read(ref bytes) > options.Value.ManifestCacheBytes && order.TryDequeue(out var oldest))
            Remove(oldest);
    }

    private void Remove(ObjectId id)
    {
        if (entries.TryRemove(id, out var entry))
            Interlocked.Add(ref bytes, -entry.Bytes);
    }

    private sealed record Entry(BodyManifest Manifest, int Bytes);
}
