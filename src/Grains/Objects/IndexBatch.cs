using Vault.Grains.Abstractions.Wire;
using Vault.Grains.Repair;
using Vault.Grains.Store;
using Vault.Grains.Uploads;
using Vault.Protocol.Ids;
using Vault.Sql;

namespace Vault.Grains.Objects;

/// <summary>
/// Takes one batch of members from reading their rows to a durable decision. Belongs to one activation, which runs one
/// batch at a time.
/// </summary>
/// <param name="database">Where.</param>
/// <param name="bodies">Ids of body rows.</param>
/// <param name="time">The clock.</param>
/// <param name="identity">The activation with its fence.</param>
/// <param name="partition">Its number in the bucket.</param>
/// <param name="memos">What was committed lately; null where this process is all there is.</param>
/// <param name="guard">What each commit checks first; null: <see cref="ObjectTable.Guard"/>.</param>
internal sealed class IndexBatch(
    Database database, BodyIds bodies, TimeProvider time, IndexGuard identity, int partition, CommitMemos? memos,
    SqlStatement<IndexGuard>? guard = null)
{
    private const int MaxAttempts = 16;

    private readonly BatchReader _reader = new(database);
    private readonly BatchDecision _decision = new(memos);
    private readonly IndexSequences _sequences = new(identity.Fence);
    private readonly List<PendingPut> _checked = [];
    private IndexContext? _context;
    private long _databaseAhead;

    /// <summary>
    /// The activation's sequences are nearly used up: it should end, so that the next one gets a new fence.
    /// </summary>
    public bool NeedsNewFence => _sequences.NearlyUsedUp;

    /// <summary>
    /// Reads, decides and commits. On return each member that is left in the list has its decision and all of them are
    /// durable; cancelled members have left the list before anything was sent.
    /// </summary>
    /// <exception cref="FenceLostException">A newer activation writes; nothing changed.</exception>
    /// <exception cref="StoreUnavailableException">Nothing changed.</exception>
    /// <exception cref="StoreFullException">Nothing changed.</exception>
    /// <exception cref="OutcomeUnknownException">The commit may have happened.</exception>
    public async Task RunAsync(List<PendingCommit> members)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            if (NeedsContext(members))
            {
                await LoadContextAsync();
            }

            if (_context!.Bucket is null or { QuotaBytes: 0 } && BatchReader.NeedsOnlyHeads(members)
                ? await DecideInsideAsync(members)
                : await DecideFirstAsync(members))
            {
                if (_context is { Bucket: null })
                {
                    _context = null;
                }

                return;
            }

            _context = null;
        }

        throw new StoreUnavailableException("The rows of the batch kept changing; nothing was committed.");
    }

    /// <summary>Reads the heads, decides and commits in one transaction.</summary>
    /// <returns>False when a check failed: nothing happened, decide again on what is there now.</returns>
    private async ValueTask<bool> DecideInsideAsync(List<PendingCommit> members)
    {
        var firstBody = await bodies.TakeAsync(members.Count);
        RemoveCancelled(members);
        var transaction = database.Begin(mayUseReserve: members.TrueForAll(static m => m is PendingDelete));
        transaction.Decide(ObjectTable.Head, members, (queue, heads) =>
        {
            _reader.Take(members, heads);
            Decide(members, long.MaxValue, firstBody);
            FillOrCheck(queue, members);
        });
        return members.Count == 0 || await CommitAsync(transaction, members);
    }

    /// <summary>The same when the decision needs more than heads.</summary>
    private async ValueTask<bool> DecideFirstAsync(List<PendingCommit> members)
    {
        await _reader.ReadAsync(members);
        var room = await ReadRoomAsync(members);
        var firstBody = await bodies.TakeAsync(members.Count);
        RemoveCancelled(members);
        Decide(members, room, firstBody);
        if (_context!.Bucket is null) return true;
        var transaction = database.Begin(mayUseReserve: _decision.OnlyDeletes);
        FillOrCheck(transaction, members);
        return await CommitAsync(transaction, members);
    }

    /// <summary>
    /// What changes nothing is still true of a bucket that lives and has the settings it was decided under, and only the
    /// newest activation knows whether a member is the repeat of something that was committed. A bucket that is gone
    /// refuses everything, whoever asks.
    /// </summary>
    private void FillOrCheck(SqlTransaction transaction, List<PendingCommit> members)
    {
        if (_decision.Changes)
        {
            Fill(transaction, members);
        }
        else if (_context!.Bucket is not null)
        {
            transaction.Check(ObjectTable.StillHeld, Guarded);
        }
    }

    private IndexGuard Guarded => identity with
    {
        ConfigVersion = _context!.Bucket!.ConfigVersion, DeadlineMs = _decision.DeadlineMs,
    };

    private void Decide(List<PendingCommit> members, long room, long firstBody) =>
        _decision.Decide(members, new BatchSituation
        {
            Bucket = _context!.Bucket, NowMs = NowMs, RoomBytes = room, References = _reader.References,
            Sequences = _sequences, FirstBodyId = firstBody,
        });

    /// <summary>The database's time as far as this process knows; the guard compares the real one.</summary>
    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds() + _databaseAhead;

    /// <summary>
    /// Whether the bucket must be read again: unknown, or some member was decided under other settings.
    /// </summary>
    private bool NeedsContext(List<PendingCommit> members)
    {
        if (_context?.Bucket is not { } bucket)
        {
            return true;
        }

        foreach (var member in members)
        {
            if (member.ConfigVersion != bucket.ConfigVersion)
            {
                return true;
            }
        }

        return bucket.QuotaBytes > 0;
    }

    private async Task LoadContextAsync()
    {
        var context = await database.ReadFirstAsync(ObjectTable.Context, identity, CancellationToken.None);
        if (context is null)
        {
            _context = new IndexContext { Fence = 0, NowMs = 0, Bucket = null }; // the fence went with its bucket
            return;
        }

        if (context.Fence != identity.Fence)
        {
            throw new FenceLostException();
        }

        _databaseAhead = context.NowMs - time.GetUtcNow().ToUnixTimeMilliseconds();
        _context = context;
    }

    private async Task<long> ReadRoomAsync(List<PendingCommit> members)
    {
        if (_context!.Bucket is not { QuotaBytes: > 0 } bucket || !members.Exists(static m => m is PendingPut))
        {
            return long.MaxValue;
        }

        var used = await database.ReadFirstAsync(ObjectTable.ProjectBytes, bucket.ProjectId, CancellationToken.None);
        return bucket.QuotaBytes - used!.Value;
    }

    private static void RemoveCancelled(List<PendingCommit> members) =>
        members.RemoveAll(static m => m.Token.IsCancellationRequested && m.TrySetCanceled(m.Token));

    /// <returns>False when a check failed: nothing happened, decide again on what is there now.</returns>
    private async ValueTask<bool> CommitAsync(SqlTransaction transaction, List<PendingCommit> members)
    {
        try
        {
            await transaction.CommitAsync(CancellationToken.None);
            memos?.Committed();
            return true;
        }
        catch (SqlCheckFailedException e)
        {
            foreach (var put in _checked)
            {
                if (put.ManifestCheck == e.Index)
                {
                    put.ManifestExists = true;
                }
            }

            return false;
        }
        catch (SqlFullException) when (IsMixed(members))
        {
            FailPuts(members);
            return false;
        }
        catch (SqlException e) when (StoreErrors.Translate(e) is { } translated)
        {
            throw translated;
        }
    }

    private static bool IsMixed(List<PendingCommit> members) =>
        members.Exists(static m => m is PendingPut) && members.Exists(static m => m is PendingDelete);

    /// <summary>A full disk still takes deletes: what grows leaves the batch.</summary>
    private static void FailPuts(List<PendingCommit> members)
    {
        foreach (var member in members)
        {
            if (member is PendingPut)
            {
                member.TrySetException(new StoreFullException("The metadata disk is full up to its reserve."));
            }
        }

        members.RemoveAll(static m => m is PendingPut);
    }

    private void Fill(SqlTransaction transaction, List<PendingCommit> members)
    {
        var bucket = _context!.Bucket!;
        _checked.Clear();
        transaction.Check(guard ?? ObjectTable.Guard, Guarded);
        foreach (var member in members)
        {
            if (member is PendingComplete { Changes: true } complete)
            {
                AddUpload(transaction, complete);
            }
        }

        foreach (var member in members)
        {
            if (member.Changes)
            {
                AddMember(transaction, member, bucket);
            }
        }

        foreach (var (id, delta) in _decision.References)
        {
            if (delta > 0)
            {
                transaction.Check(ManifestTable.Share, new ReferenceDelta(new ObjectId(id), delta));
            }
            else if (delta < 0)
            {
                transaction.Execute(ManifestTable.Release, new ReferenceDelta(new ObjectId(id), delta));
            }
        }

        AddMemos(transaction);
        if (_decision.Objects != 0 || _decision.Bytes != 0)
        {
            transaction.Execute(ObjectTable.AddUsage, new UsageDelta
            {
                BucketId = identity.BucketId, Partition = partition, ProjectId = bucket.ProjectId,
                Objects = _decision.Objects, Bytes = _decision.Bytes,
            });
        }
    }

    private void AddMemos(SqlTransaction transaction)
    {
        if (memos?.Entries() is not { Length: > 0 } entries) return;
        transaction.Execute(
            CommitMemoTable.Add, new CommitMemo(identity.GrainId, _sequences.Next(), entries));
        if (memos.IsPruneDue()) transaction.Execute(CommitMemoTable.Prune, new CommitMemoAge(identity.GrainId));
    }

    private static void AddUpload(SqlTransaction transaction, PendingComplete member)
    {
        var upload = member.Complete.UploadId;
        transaction.Check(UploadTable.Complete, new UploadCompletion
        {
            UploadId = upload, PartsVersion = member.Complete.PartsVersion, ResultBox = member.Complete.ResultBox,
            ResultKeyNo = member.Put.KeyNo,
        });
        if (!member.Parts!.All)
        {
            transaction.Execute(UploadTable.MoveChosen, new PartMask(upload, member.Parts.Mask));
            transaction.Execute(UploadTable.ReleaseParts, upload);
        }

        transaction.Execute(UploadTable.DeleteParts, upload);
    }

    private void AddMember(SqlTransaction transaction, PendingCommit member, IndexBucket bucket)
    {
        if (member.Replaced is { } replaced)
        {
            transaction.Execute(ObjectTable.DeleteBody, replaced.BodyId);
        }

        if (member is not PendingPut put)
        {
            transaction.Execute(ObjectTable.DeleteHead, member);
            return;
        }

        transaction.Execute(ObjectTable.PutHead, put);
        transaction.Execute(ObjectTable.PutBody, put);
        if (put.HasNewManifest)
        {
            AddManifest(transaction, put, bucket);
        }
    }

    private void AddManifest(SqlTransaction transaction, PendingPut put, IndexBucket bucket)
    {
        var body = put.Put.Body;
        var id = body.ObjectId!.Value;
        var parts = (put as PendingComplete)?.Parts;
        var manifest = parts?.Manifest ?? body.Manifest;
        var pages = parts?.Pages ?? Math.Max(1, body.ManifestPages);
        put.ManifestCheck = transaction.Check(ManifestTable.Insert, new NewManifest
        {
            ObjectId = id, ProjectId = bucket.ProjectId,
            Kind = parts is null ? ManifestKind.Body : ManifestKind.Composite, Pages = pages,
            Staged = parts is null ? body.ManifestPages > 0 : pages > 1, StoredBytes = body.StoredBytes,
            Body = manifest,
        });
        _checked.Add(put);
        if (body.AbsentShards > 0)
        {
            transaction.Execute(RepairTable.Add, RepairReason.Written(id));
        }

        for (var page = 0; parts is not null && pages > 1 && page < pages; page++)
        {
            transaction.Execute(ManifestTable.StagePage, new StagedPage(id, page, parts.Page(page)));
        }
    }
}
