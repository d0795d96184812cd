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
[Alias("vault.object-index")]
public interface IObjectIndexGrain : IGrainWithStringKey
{
    /// <summary>Makes <paramref name="put"/> the current version of its key. Safe to repeat: while it still is the
    /// current version the repeat answers the same; after that, a body on the volumes answers
    /// <see cref="CommitStatus.Moved"/>.</summary>
    [Alias("put")]
    Task<CommitResult> PutAsync(PutObject put, CancellationToken cancellationToken);

    /// <summary>Turns an open upload into the current version of its key, in one transaction with the upload's state.
    /// Safe to repeat: a completed upload answers <see cref="CommitStatus.AlreadyCompleted"/> with the stored
    /// result.</summary>
    [Alias("complete-upload")]
    Task<CommitResult> CompleteUploadAsync(CompleteUpload complete, CancellationToken cancellationToken);

    /// <summary>Removes the current version. Safe to repeat; an absent key is <see cref="CommitStatus.Ok"/>.</summary>
    [Alias("delete")]
    Task<CommitResult> DeleteAsync(DeleteObject deletion, CancellationToken cancellationToken);

    /// <summary>
    /// As many <see cref="DeleteAsync"/> at once (≤ 1,000 keys of this partition), answers in the same order.
    /// </summary>
    [Alias("delete-many")]
    Task<ImmutableArray<CommitResult>> DeleteManyAsync(
        ImmutableArray<DeleteObject> deletes, CancellationToken cancellationToken);
}
