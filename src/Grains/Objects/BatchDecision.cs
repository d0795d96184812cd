using Vault.Grains.Abstractions.Objects;
using Vault.Grains.Uploads;
using Vault.Protocol.Ids;

namespace Vault.Grains.Objects;

/// <summary>
/// Decides the members of one batch in arrival order, each against what the rows say and what the earlier members of
/// the batch will have done to them; so nothing that SQL could refuse is sent.
/// </summary>
/// <param name="memos">What was committed lately; null where nothing is ever repeated.</param>
internal sealed class BatchDecision(CommitMemos? memos)
{
    /// <summary>
    /// How long after its grant a body may be committed (decisions §3.7); the orphan sweep waits longer.
    /// </summary>
    public const long GrantLifeMs = 12L * 3600 * 1000;

    private readonly Dictionary<ReadOnlyMemory<byte>, HeadRow?> _overlay = new(KeyComparer.Instance);
    private readonly List<PendingComplete> _completions = [];
    private bool _overlaid;
    private int _bodies;

    /// <summary>References gained and lost by object id.</summary>
    public SortedDictionary<UInt128, long> References { get; } = [];

    public long Objects { get; private set; }

    public long Bytes { get; private set; }

    public bool Changes { get; private set; }

    /// <summary>The last moment at which the oldest grant of the batch may be committed.</summary>
    public long DeadlineMs { get; private set; }

    /// <summary>Whether every change frees space.</summary>
    public bool OnlyDeletes { get; private set; }

    /// <param name="members">Members with their rows.</param>
    /// <param name="situation">What they are decided under.</param>
    public void Decide(List<PendingCommit> members, in BatchSituation situation)
    {
        _overlay.Clear();
        _overlaid = members.Count > 1;
        _bodies = 0;
        _completions.Clear();
        memos?.Begin();
        References.Clear();
        (Objects, Bytes, Changes, OnlyDeletes, DeadlineMs) = (0, 0, false, true, long.MaxValue);
        foreach (var member in members)
        {
            member.Changes = false;
            member.Replaced = _overlaid && _overlay.TryGetValue(member.Key, out var earlier)
                ? earlier
                : member.Committed;
            member.Decision = Remembered(member) ?? member switch
            {
                PendingPut put => DecidePut(put, situation),
                _ => DecideDelete(member, situation),
            };
            if (member.Changes) memos?.Add(member.OperationId, member.Decision);
        }
    }

    /// <summary>What a repeat answered the first time; completions of uploads have a memory of their own.</summary>
    private CommitResult? Remembered(PendingCommit member) =>
        member is PendingComplete ? null : memos?.Find(member.OperationId);

    private CommitResult DecideDelete(PendingCommit member, in BatchSituation situation)
    {
        var refusal = Refusal(member, situation.Bucket);
        if (refusal != CommitStatus.Ok || member.Replaced is not { } replaced)
        {
            return CommitAnswers.Of(refusal);
        }

        Lose(replaced);
        Objects--;
        Bytes -= replaced.Size;
        Accept(member, null);
        return CommitAnswers.Of(CommitStatus.Ok);
    }

    private CommitResult DecidePut(PendingPut member, in BatchSituation situation)
    {
        if (member is PendingComplete { Upload.State: UploadState.Completed } completed
            && situation.Bucket is not null)
        {
            return new CommitResult
            {
                Status = CommitStatus.AlreadyCompleted, ResultBox = completed.Upload!.ResultBox,
                ResultKeyNo = completed.Upload.ResultKeyNo,
            };
        }

        if (member is PendingComplete again && situation.Bucket is not null && Earlier(again) is { } first)
        {
            return new CommitResult
            {
                Status = CommitStatus.AlreadyCompleted, ResultBox = first.Complete.ResultBox,
                ResultKeyNo = first.Put.KeyNo,
            };
        }

        if (situation.Bucket is not null && member.Replaced is { } same && same.VersionId == member.Put.VersionId)
        {
            return Answer(same); // a repeat of what is there already
        }

        var refusal = Refusal(member, situation.Bucket);
        refusal = refusal != CommitStatus.Ok ? refusal : BodyRefusal(member, situation);
        if (refusal != CommitStatus.Ok)
        {
            return CommitAnswers.Of(refusal);
        }

        var body = member.Put.Body;
        if (body.ObjectId is { } id && body.Shared)
        {
            Gain(id);
        }

        if (member.Replaced is { } replaced)
        {
            Lose(replaced);
        }

        Objects += member.Replaced is null ? 1 : 0;
        Bytes += member.Put.Size - (member.Replaced?.Size ?? 0);
        if (body.GrantedAtMs != 0)
        {
            DeadlineMs = Math.Min(DeadlineMs, body.GrantedAtMs + GrantLifeMs);
        }

        OnlyDeletes = false;
        member.Accepted = new HeadRow
        {
            Sequence = situation.Sequences.Next(), VersionId = member.Put.VersionId, Size = member.Put.Size,
            ModifiedMs = situation.NowMs, BodyId = situation.FirstBodyId + _bodies++, ObjectId = body.ObjectId,
        };
        Accept(member, member.Accepted);
        if (member is PendingComplete complete) _completions.Add(complete);
        return Answer(member.Accepted);
    }

    /// <summary>The member of this batch that completes the same upload already.</summary>
    private PendingComplete? Earlier(PendingComplete member)
    {
        foreach (var completion in _completions)
        {
            if (completion.Complete.UploadId == member.Complete.UploadId) return completion;
        }

        return null;
    }

    private static CommitResult Answer(HeadRow version) => new()
    {
        Status = CommitStatus.Ok, Sequence = version.Sequence, ModifiedMs = version.ModifiedMs,
    };

    private static CommitStatus Refusal(PendingCommit member, IndexBucket? bucket)
    {
        if (bucket is null)
        {
            return CommitStatus.BucketGone;
        }

        if (member.ConfigVersion != bucket.ConfigVersion)
        {
            return CommitStatus.BucketChanged;
        }

        return member.Precondition switch
        {
            PreconditionKind.None => CommitStatus.Ok,
            PreconditionKind.Absent when member.Replaced is not null => CommitStatus.PreconditionFailed,
            PreconditionKind.Absent => CommitStatus.Ok,
            PreconditionKind.Sequence when member.Replaced is null => CommitStatus.NoSuchKey,
            _ => member.Replaced!.Sequence == member.ExpectedSequence ? CommitStatus.Ok : CommitStatus.Moved,
        };
    }

    private CommitStatus BodyRefusal(PendingPut member, in BatchSituation situation)
    {
        var body = member.Put.Body;
        if (member is PendingComplete complete && UploadRefusal(complete) is not CommitStatus.Ok and var refused)
        {
            return refused;
        }

        if (body.GrantedAtMs != 0 && situation.NowMs > body.GrantedAtMs + GrantLifeMs)
        {
            return CommitStatus.GrantExpired;
        }

        if (body.ObjectId is { } id)
        {
            if (body.Shared && situation.References.GetValueOrDefault(id) + References.GetValueOrDefault(id.Value) <= 0)
            {
                return CommitStatus.SourceGone;
            }

            if (!body.Shared && member.StagedPages != body.ManifestPages)
            {
                return CommitStatus.GrantExpired;
            }

            // A repeat of a commit that something newer has replaced since: its manifest is not new any more.
            if (!body.Shared && member.ManifestExists)
            {
                return CommitStatus.Moved;
            }
        }

        var growth = member.Put.Size - (member.Replaced?.Size ?? 0);
        return growth > 0 && Bytes > situation.RoomBytes - growth ? CommitStatus.QuotaExceeded : CommitStatus.Ok;
    }

    private static CommitStatus UploadRefusal(PendingComplete member)
    {
        if (member.Upload is not { State: UploadState.Open } upload)
        {
            return CommitStatus.UploadGone;
        }

        return upload.PartsVersion == member.Complete.PartsVersion && member.Parts is { } parts
            && parts.Size == member.Put.Size
            ? CommitStatus.Ok
            : CommitStatus.PartsChanged;
    }

    private void Accept(PendingCommit member, HeadRow? now)
    {
        member.Changes = true;
        Changes = true;
        if (_overlaid)
        {
            _overlay[member.Key] = now;
        }
    }

    private void Gain(ObjectId id) => References[id.Value] = References.GetValueOrDefault(id.Value) + 1;

    private void Lose(HeadRow row)
    {
        if (row.ObjectId is { } id)
        {
            References[id.Value] = References.GetValueOrDefault(id.Value) - 1;
        }
    }
}
