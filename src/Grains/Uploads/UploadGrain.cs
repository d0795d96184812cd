using System.Diagnostics;
using Vault.Grains.Abstractions.Uploads;
using Vault.Grains.Abstractions.Wire;
using Vault.Grains.Buckets;
using Vault.Grains.Objects;
using Vault.Grains.Repair;
using Vault.Grains.Store;
using Vault.Protocol.Ids;
using Vault.Protocol.Manifests;
using Vault.Sql;

namespace Vault.Grains.Uploads;

/// <summary>
/// One multipart upload: each method is one transaction on its row, nothing is remembered. A part is conditional on the
/// version of the parts that its turn began with.
/// </summary>
internal sealed class UploadGrain(Database database, TimeProvider time) : Grain, IUploadGrain
{
    private UploadId Id => UploadId.TryParse(this.GetPrimaryKeyString(), out var id)
        ? id
        : throw new ArgumentException("An upload grain is named by its upload id.");

    public async Task<UploadStatus> CreateAsync(CreateUpload create, CancellationToken cancellationToken)
    {
        if (create.Key.Length is 0 or > ObjectKey.MaxBytes)
        {
            throw new ArgumentException("Not a key.", nameof(create));
        }

        var transaction = database.Begin();
        transaction.Check(UploadTable.ShareBucket, create);
        transaction.Execute(UploadTable.Create, new NewUpload(Id, create));
        if (await transaction.SendAsync(cancellationToken) is null)
        {
            return UploadStatus.Ok;
        }

        return await database.ReadFirstAsync(BucketTable.ById, create.BucketId, cancellationToken) is null
            ? UploadStatus.BucketGone
            : UploadStatus.BucketChanged;
    }

    public async Task<PutPartResult> PutPartAsync(PutPart part, CancellationToken cancellationToken)
    {
        CheckPart(part);
        var upload = new UploadKey(part.BucketId, part.Key, Id);
        var room = await database.ReadFirstAsync(UploadTable.Room, upload, cancellationToken);
        if (await RefusalAsync(part, room, cancellationToken) is { } refused)
        {
            return new PutPartResult { Status = refused };
        }

        var stored = new NewPart(Id, part, time.GetUtcNow().ToUnixTimeMilliseconds());
        var transaction = database.Begin();
        var turn = transaction.Check(UploadTable.TakePart, new UploadTurn(upload, room!.PartsVersion));
        var grant = transaction.Check(UploadTable.GrantHolds, part.Body.GrantedAtMs + BatchDecision.GrantLifeMs);
        transaction.Execute(UploadTable.ReleaseReplaced, stored);
        var manifest = transaction.Check(UploadTable.AddManifest, stored);
        transaction.Execute(UploadTable.PutPart, stored);
        if (part.Body.AbsentShards > 0)
        {
            transaction.Execute(RepairTable.Add, RepairReason.Written(part.Body.ObjectId!.Value));
        }

        var failed = await transaction.SendAsync(cancellationToken);
        if (failed?.Index == turn)
        {
            var now = await database.ReadFirstAsync(UploadTable.Upload, upload, cancellationToken);
            return now is { State: UploadState.Open }
                ? throw new SupersededException("Another activation took a part meanwhile; nothing changed.")
                : new PutPartResult { Status = UploadStatus.NoSuchUpload };
        }

        return failed is null ? new PutPartResult { Status = UploadStatus.Ok, ModifiedMs = stored.ModifiedMs }
            : failed.Index == grant || failed.Index == manifest
                ? new PutPartResult { Status = UploadStatus.GrantExpired }
            : throw new UnreachableException("A part's checks are its turn, its grant and its manifest.");
    }

    public async Task<UploadStatus> AbortAsync(
        BucketId bucketId, ReadOnlyMemory<byte> key, CancellationToken cancellationToken)
    {
        var aborted = await UploadAbort.RunAsync(database, new UploadKey(bucketId, key, Id), cancellationToken);
        return aborted ? UploadStatus.Ok : UploadStatus.NoSuchUpload;
    }

    /// <summary>The quota, the upload, and whether the pages that went ahead are there.</summary>
    private async Task<UploadStatus?> RefusalAsync(PutPart part, UploadRoom? room, CancellationToken ct)
    {
        if (part.Body.ManifestPages > 0)
        {
            var staged = await database.ReadFirstAsync(ObjectTable.StagedPages, part.Body.ObjectId!.Value, ct);
            if (staged!.Value != part.Body.ManifestPages)
            {
                return UploadStatus.GrantExpired;
            }
        }

        return room is null ? UploadStatus.BucketGone
            : room.Bytes < part.Size ? UploadStatus.QuotaExceeded
            : room.PartsVersion < 0 ? UploadStatus.NoSuchUpload
            : null;
    }

    private static void CheckPart(PutPart part)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(part.PartNumber, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(part.PartNumber, CompositeManifest.MaxParts);
        ArgumentOutOfRangeException.ThrowIfNegative(part.Size);
        if (part.Body is not { ObjectId: not null, Shared: false, Inline.IsEmpty: true, GrantedAtMs: > 0 }
            || part.Body.Manifest.Length > CompositeParts.PageBytes || part.PartBox.Length > 4 << 10)
        {
            throw new ArgumentException("A part is a new body on the volumes, stored under a grant.", nameof(part));
        }

        BodyShards.Require(part.Body);
    }
}
