using System.Collections.Immutable;

namespace Vault.Grains.Abstractions.Objects;

/// <summary>
/// The single writer of one partition of a bucket's keys. Key:
/// <c>&lt;bucket id, 32 hex&gt;/&lt;partition, 2 hex&gt;</c>, partition =
/// <see cref="Vault.Protocol.Ids.ObjectKey.Partition(int)"/> with the bucket's own partition count. Members that wait
/// while a transaction is in flight share the next one; per key they are decided in arrival order; a refused member
/// fails alone (decisions §1.2).
/// </summary>
/// <remarks>Every method may throw <see cref="Wire.StoreUnavailableException"/> (nothing changed),
/// <see cref="Wire.StoreFullException"/> (nothing changed) or <see cref="Wire.OutcomeUnknownException"/> (read before
/// repeating).</remarks>
[Alias("vault.object-index"), GrainInterfaceType("vault.object-index")]
public interface IObjectIndexGrain : IGrainWithStringKey
{
    /// <summary>
    /// Makes <paramref name="put"/> the current version of its key. Safe to repeat: within a minute the same version id
    /// answers what the first call did, whatever has come since; where one process is all there is, and nothing is
    /// repeated, only while it still is the current version.
    /// </summary>
    [Alias("put")]
    [Repeatable]
    Task<CommitResult> PutAsync(PutObject put, CancellationToken cancellationToken);

    /// <summary>
    /// Turns an open upload into the current version of its key, in one transaction with the upload's state. Safe to
    /// repeat: a completed upload answers <see cref="CommitStatus.AlreadyCompleted"/> with the stored result, whatever
    /// has become of the key since.
    /// </summary>
    [Alias("complete-upload")]
    [Repeatable]
    [ResponseTimeout("00:00:30")]
    Task<CommitResult> CompleteUploadAsync(CompleteUpload complete, CancellationToken cancellationToken);

    /// <summary>
    /// Removes the current version; an absent key is <see cref="CommitStatus.Ok"/>. Safe to repeat: within a minute the
    /// same <see cref="DeleteObject.OperationId"/> removes nothing that was written in between.
    /// </summary>
    [Alias("delete")]
    [Repeatable]
    Task<CommitResult> DeleteAsync(DeleteObject deletion, CancellationToken cancellationToken);

    /// <summary>
    /// As many <see cref="DeleteAsync"/> at once (≤ 1,000 keys of this partition), answers in the same order. Each is
    /// decided for itself. Safe to repeat: as with one.
    /// </summary>
    [Alias("delete-many")]
    [Repeatable]
    [ResponseTimeout("00:00:30")]
    Task<ImmutableArray<CommitResult>> DeleteManyAsync(
        ImmutableArray<DeleteObject> deletes, CancellationToken cancellationToken);
}
