using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Vault.Grains.Abstractions.Objects;
using Vault.Grains.Abstractions.Wire;
using Vault.Grains.Store;
using Vault.Protocol.Ids;
using Vault.Sql;

namespace Vault.Grains.Objects;

/// <summary>
/// The writer of one partition (decisions §1.2). Methods only queue and await; one pump takes what waits, and
/// <see cref="IndexBatch"/> brings it to a durable decision. Nothing is remembered between batches but the bucket's
/// settings, which each commit checks.
/// </summary>
[Reentrant]
internal sealed partial class ObjectIndexGrain(
    Database database, BodyIds bodies, TimeProvider time, IOptions<ObjectIndexOptions> options,
    ObjectInstruments instruments, StoreInstruments store, ILogger<ObjectIndexGrain> logger) : Grain, IObjectIndexGrain
{
    private readonly Queue<PendingCommit> _waiting = new();
    private readonly List<PendingCommit> _members = [];
    private Task _pump = Task.CompletedTask;
    private BucketId _bucketId;
    private int _partition;
    private IndexBatch? _batch;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var key = this.GetPrimaryKeyString();
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || !BucketId.TryParse(key.AsSpan(0, slash), out _bucketId)
            || !int.TryParse(
                key.AsSpan(slash + 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _partition))
        {
            throw new ArgumentException($"An index grain is named <bucket id>/<partition>, not {key}.");
        }

        var grainId = "index/" + key;
        var fence = await Fence.TakeAsync(database, grainId, cancellationToken);
        _batch = new IndexBatch(
            database, bodies, time, new IndexGuard { GrainId = grainId, BucketId = _bucketId, Fence = fence },
            _partition, await CommitMemos.OpenAsync(database, grainId, time, cancellationToken));
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => _pump;

    public Task<CommitResult> PutAsync(PutObject put, CancellationToken cancellationToken)
    {
        CheckPut(put);
        return Enqueue(new PendingPut(put, cancellationToken));
    }

    public Task<CommitResult> CompleteUploadAsync(CompleteUpload complete, CancellationToken cancellationToken)
    {
        CheckPut(complete.Head);
        if (complete.Head.Body is not { ObjectId: not null, Shared: false, ManifestPages: 0, Manifest.IsEmpty: true })
        {
            throw new ArgumentException("A completed upload's body is a new composite manifest.", nameof(complete));
        }

        return Enqueue(new PendingComplete(complete, cancellationToken));
    }

    public Task<CommitResult> DeleteAsync(DeleteObject delete, CancellationToken cancellationToken)
    {
        CheckKey(delete.BucketId, delete.Key);
        return Enqueue(new PendingDelete(delete, cancellationToken));
    }

    public async Task<ImmutableArray<CommitResult>> DeleteManyAsync(
        ImmutableArray<DeleteObject> deletes, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(deletes.Length, 1000);
        var answers = new Task<CommitResult>[deletes.Length];
        for (var i = 0; i < answers.Length; i++)
        {
            answers[i] = DeleteAsync(deletes[i], cancellationToken);
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(await Task.WhenAll(answers));
    }

    private Task<CommitResult> Enqueue(PendingCommit member)
    {
        if (member.Token.IsCancellationRequested)
        {
            return Task.FromCanceled<CommitResult>(member.Token);
        }

        if (_batch is null) return Task.FromException<CommitResult>(StartsAgain());
        if (_waiting.Count >= options.Value.WaitingMembers)
        {
            return Task.FromException<CommitResult>(
                new StoreUnavailableException("The index partition takes no more work now."));
        }

        _waiting.Enqueue(member);
        if (_pump.IsCompleted)
        {
            _pump = PumpAsync();
        }

        return member.Task;
    }

    private async Task PumpAsync()
    {
        // Messages that are already in the activation's queue join the first batch.
        await Task.Yield();
        while (_waiting.Count > 0 && _batch is { } batch)
        {
            TakeBatch();
            if (_members.Count == 0)
            {
                continue;
            }

            var started = Stopwatch.GetTimestamp();
            try
            {
                await batch.RunAsync(_members);
                instruments.Committed(_members, Stopwatch.GetElapsedTime(started));
                Answer();
            }
            catch (Exception failure) when (failure is StoreUnavailableException or StoreFullException)
            {
                instruments.Failed(_members.Count);
                Fail(failure);
            }
#pragma warning disable CA1031 // the pump is the outermost handler of its members: they must all be answered
            catch (Exception failure)
#pragma warning restore CA1031
            {
                instruments.Failed(_members.Count);
                Retire(failure);
            }

            if (batch.NeedsNewFence)
            {
                DeactivateOnIdle();
            }
        }
    }

    private void TakeBatch()
    {
        _members.Clear();
        var bytes = 0;
        while (_members.Count < options.Value.BatchMembers && _waiting.TryPeek(out var next)
            && (_members.Count == 0 || bytes + next.Weight <= options.Value.BatchBytes))
        {
            _waiting.Dequeue();
            if (next.Token.IsCancellationRequested)
            {
                next.TrySetCanceled(next.Token);
                continue;
            }

            bytes += next.Weight;
            _members.Add(next);
        }
    }

    private void Answer()
    {
        foreach (var member in _members)
        {
            member.TrySetResult(member.Decision!);
        }

        _members.Clear();
    }

    private void Fail(Exception failure)
    {
        foreach (var member in _members)
        {
            member.TrySetException(failure);
        }

        _members.Clear();
    }

    /// <summary>
    /// The outcome is unknown, the fence is lost or something broke: this activation commits nothing any more. Its
    /// successor takes a higher fence before it reads, so a commit still under way either is seen by it or fails.
    /// </summary>
    private void Retire(Exception failure)
    {
        _batch = null;
        if (failure is FenceLostException)
        {
            store.FenceLost(FencedKind.Index);
            LogFenceLost(_bucketId, _partition);
            failure = new SupersededException("Another silo owns the index partition now.");
        }
        else
        {
            LogRetired(failure, _bucketId, _partition);
        }

        Fail(failure);
        while (_waiting.TryDequeue(out var member))
        {
            member.TrySetException(StartsAgain());
        }

        DeactivateOnIdle();
    }

    private static SupersededException StartsAgain() => new("The index partition starts again.");

    private void CheckPut(PutObject put)
    {
        CheckKey(put.BucketId, put.Key);
        ArgumentOutOfRangeException.ThrowIfNegative(put.Size);
        if (put.Body.Inline.Length > 8 << 10 || put.Body.Manifest.Length > CompositeParts.PageBytes
            || put.ListBox.Length > 4 << 10 || put.HeadBox.Length > 48 << 10)
        {
            throw new ArgumentException("A commit's boxes, inline body or manifest are too large.", nameof(put));
        }

        BodyShards.Require(put.Body);
    }

    private void CheckKey(BucketId bucketId, ReadOnlyMemory<byte> key)
    {
        if (bucketId != _bucketId || key.Length is 0 or > ObjectKey.MaxBytes)
        {
            throw new ArgumentException("Another bucket's key, or none that a key can be.", nameof(key));
        }
    }

    [LoggerMessage(EventId = 2101, Level = LogLevel.Warning,
        Message = "Index {Bucket}/{Partition:x2} lost its fence to a newer activation; nothing of its batch was "
            + "committed")]
    private partial void LogFenceLost(BucketId bucket, int partition);

    [LoggerMessage(EventId = 2102, Level = LogLevel.Error,
        Message = "Index {Bucket}/{Partition:x2} ends its activation after a commit whose outcome it does not know")]
    private partial void LogRetired(Exception failure, BucketId bucket, int partition);
}
