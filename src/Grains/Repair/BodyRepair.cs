using Vault.Grains.Objects;
using Vault.Grains.Reclaim;
using Vault.Grains.Store;
using Vault.Protocol.Ids;
using Vault.Protocol.Manifests;
using Vault.Sql;
using Vault.Storage.Chunks;
using Vault.Storage.Shards;

namespace Vault.Grains.Repair;

/// <summary>
/// Repairs one body: look, rebuild, write the new locations in one transaction that the grain's fence and a live
/// manifest guard. Cut short anywhere it leaves at worst shards that no manifest names, for the sweep.
/// </summary>
internal sealed class BodyRepair(
    Database database, ShardClient shards, FencedGrain self, RepairInstruments instruments)
{
    /// <summary>Rebuilt chunks after which the locations are written, so that a large body goes forward too.</summary>
    private const int SaveEvery = 256;

    private readonly ChunkRepair _chunks = new(shards);

    public long Rebuilt { get; private set; }

    public long RebuiltBytes { get; private set; }

    public async Task<RepairOutcome> RunAsync(ObjectId id, CancellationToken ct)
    {
        var row = await database.ReadFirstAsync(RepairTable.Manifest, id, ct);
        if (row is null || row.References <= 0 || row.Kind != ManifestKind.Body)
        {
            return RepairOutcome.Whole; // it died, or was never committed
        }

        var cbor = row.Body ?? await database.ReadPagesAsync(id, ct);
        if (!BodyManifest.TryDecode(cbor, out var manifest))
        {
            return RepairOutcome.Irreparable;
        }

        var (gone, unsure) = await _chunks.FindGoneAsync(manifest, ct);
        var outcome = unsure ? RepairOutcome.Later : RepairOutcome.Whole;
        var locations = manifest.Shards.ToArray();
        var unsaved = new List<ShardLocation>();
        var (perChunk, chunks) = (manifest.ShardsPerChunk, 0);
        for (var chunk = 0; chunk < manifest.ChunkCount; chunk++)
        {
            var missing = gone.AsMemory(chunk * perChunk, perChunk);
            if (!missing.Span.Contains(true))
            {
                continue;
            }

            var (made, silent) = await _chunks.RebuildAsync(manifest, chunk, missing, ct);
            if (made is null)
            {
                outcome = Worse(outcome, unsure || silent ? RepairOutcome.Later : RepairOutcome.Irreparable);
                continue;
            }

            foreach (var (index, location) in made)
            {
                locations[chunk * perChunk + index] = location;
                unsaved.Add(location);
            }

            if (made.Count < missing.Span.Count(true))
            {
                outcome = Worse(outcome, RepairOutcome.Later);
            }

            Count(made.Count, (long)made.Count * manifest.ShardBytes(chunk));
            if (++chunks % SaveEvery == 0 && !await SaveAsync(manifest, locations, unsaved, ct))
            {
                return RepairOutcome.Whole;
            }
        }

        return unsaved.Count == 0 || await SaveAsync(manifest, locations, unsaved, ct)
            ? outcome
            : RepairOutcome.Whole;
    }

    private static RepairOutcome Worse(RepairOutcome a, RepairOutcome b) => a > b ? a : b;

    private void Count(int made, long bytes)
    {
        (Rebuilt, RebuiltBytes) = (Rebuilt + made, RebuiltBytes + bytes);
        instruments.Rebuilt(made, bytes);
    }

    /// <returns>False when the body has died: what was made for it is deleted.</returns>
    private async Task<bool> SaveAsync(
        BodyManifest manifest, ShardLocation[] locations, List<ShardLocation> unsaved, CancellationToken ct)
    {
        var id = manifest.Attempt.ObjectId;
        var moved = new NewLocations(id, new BodyManifest(
            manifest.Attempt, manifest.DataShards, manifest.ParityShards, manifest.ChunkBytes, manifest.TotalBytes,
            [.. locations]).Encode());
        var transaction = database.Begin();
        var fence = transaction.Check(Fence.Guard, self);
        transaction.Check(RepairTable.Save, moved);
        transaction.Execute(RepairTable.DeletePages, id);
        for (var page = 0; moved.Pages > 1 && page < moved.Pages; page++)
        {
            transaction.Execute(ManifestTable.StagePage, moved.Page(page));
        }

        var failed = await transaction.SendAsync(ct);
        if (failed is null)
        {
            unsaved.Clear();
            return true;
        }

        if (failed.Index == fence)
        {
            // Nothing is deleted: the newer activation may have made the same shards on the same volumes, a little
            // earlier, and deletes go up to a sequence. What no manifest names is the sweep's.
            throw new FenceLostException();
        }

        foreach (var location in unsaved)
        {
            await shards.DiscardAsync(location);
        }

        unsaved.Clear();
        return false;
    }
}

/// <summary>How an attempt ended; the worse the greater.</summary>
internal enum RepairOutcome
{
    /// <summary>Nothing is missing any more.</summary>
    Whole,

    /// <summary>Something is missing, or could not be looked at: again later.</summary>
    Later,

    /// <summary>Fewer shards than needed are there.</summary>
    Irreparable,
}
