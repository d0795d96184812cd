using System.Buffers.Binary;
using Vault.Grains.Abstractions.Objects;
using Vault.Grains.Uploads;
using Vault.Protocol.Ids;

namespace Vault.Grains.Objects;

/// <summary>One change of one key that waits for its turn in a batch; its task is the answer.</summary>
internal abstract class PendingCommit(CancellationToken token)
    : TaskCompletionSource<CommitResult>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public CancellationToken Token { get; } = token;

    public abstract BucketId BucketId { get; }

    public abstract ReadOnlyMemory<byte> Key { get; }

    public abstract long ConfigVersion { get; }

    public abstract PreconditionKind Precondition { get; }

    public abstract long ExpectedSequence { get; }

    /// <summary>What the caller drew for this change and repeats with it.</summary>
    public abstract UInt128 OperationId { get; }

    /// <summary>Roughly how many bytes it adds to a transaction.</summary>
    public abstract int Weight { get; }

    /// <summary>The committed current version as read for this batch; null when the key has none.</summary>
    public HeadRow? Committed { get; set; }

    /// <summary>The version that this member replaces, committed or by an earlier member of the batch.</summary>
    public HeadRow? Replaced { get; set; }

    /// <summary>The decision; given to the caller once the batch has ended.</summary>
    public CommitResult? Decision { get; set; }

    /// <summary>Whether the decision changes rows.</summary>
    public bool Changes { get; set; }
}

/// <summary>Removes a current version.</summary>
internal sealed class PendingDelete(DeleteObject delete, CancellationToken token) : PendingCommit(token)
{
    public override BucketId BucketId => delete.BucketId;

    public override ReadOnlyMemory<byte> Key => delete.Key;

    public override long ConfigVersion => delete.ConfigVersion;

    public override PreconditionKind Precondition => delete.Precondition;

    public override long ExpectedSequence => delete.ExpectedSequence;

    public override UInt128 OperationId { get; } =
        BinaryPrimitives.ReadUInt128BigEndian(delete.OperationId.ToByteArray(bigEndian: true));

    public override int Weight => 256;
}

/// <summary>A new current version.</summary>
internal class PendingPut(PutObject put, CancellationToken token) : PendingCommit(token)
{
    public PutObject Put { get; } = put;

    public override BucketId BucketId => Put.BucketId;

    public override ReadOnlyMemory<byte> Key => Put.Key;

    public override long ConfigVersion => Put.ConfigVersion;

    public override PreconditionKind Precondition => Put.Precondition;

    public override long ExpectedSequence => Put.ExpectedSequence;

    public override UInt128 OperationId => Put.VersionId.Value;

    public override int Weight => 512 + Put.Body.Inline.Length + Put.Body.Manifest.Length;

    /// <summary>The version's row once it is accepted.</summary>
    public HeadRow? Accepted { get; set; }

    public virtual int PartCount => 0;

    /// <summary>The volumes hold a body that is not in the manifest table yet.</summary>
    public bool HasNewManifest => Put.Body is { ObjectId: not null, Shared: false };

    /// <summary>Pages found in manifest_page, when the manifest went ahead in pages.</summary>
    public long StagedPages { get; set; }

    /// <summary>Place of the manifest's check in the transaction.</summary>
    public int ManifestCheck { get; set; }

    /// <summary>Set when the commit found the manifest in the table already: a repeat of something older.</summary>
    public bool ManifestExists { get; set; }
}

/// <summary>A new current version made of an upload's parts.</summary>
internal sealed class PendingComplete(CompleteUpload complete, CancellationToken token)
    : PendingPut(complete.Head, token)
{
    public CompleteUpload Complete { get; } = complete;

    public override int PartCount => Complete.PartNumbers.Length;

    public override int Weight => 64 << 10 | (Complete.PartNumbers.Length * 32);

    /// <summary>The upload as read for this batch; null when there is none of that bucket and key.</summary>
    public UploadRow? Upload { get; set; }

    /// <summary>The chosen parts, or null when one of them is missing.</summary>
    public CompositeParts? Parts { get; set; }
}
