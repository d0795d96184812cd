using System.Threading.Tasks.Sources;

namespace Vault.Sql.Sqlite;

/// <summary>A transaction in the writer's queue: the caller's awaitable and the point of no return.</summary>
internal sealed class PendingCommit(SqlTransaction transaction) : IValueTaskSource
{
    private const int Waiting = 0, Sent = 1, Withdrawn = 2;

    private ManualResetValueTaskSourceCore<bool> completion = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration registration;
    private int state;

    public SqlTransaction Transaction { get; } = transaction;

    /// <summary>Why the member fails; null while it has not failed.</summary>
    public Exception? Failure { get; set; }

    public ValueTask Task => new(this, completion.Version);

    public void WatchCancellation(CancellationToken ct)
    {
        if (ct.CanBeCanceled)
        {
            registration = ct.UnsafeRegister(
                static (self, token) => ((PendingCommit)self!).Withdraw(new OperationCanceledException(token)), this);
        }
    }

    /// <summary>Passes the point of no return.</summary>
    /// <returns>False when the caller has withdrawn.</returns>
    public bool TrySend() => Interlocked.CompareExchange(ref state, Sent, Waiting) == Waiting;

    /// <summary>Leaves the queue with an exception, unless sent.</summary>
    public void Withdraw(Exception reason)
    {
        if (Interlocked.CompareExchange(ref state, Withdrawn, Waiting) == Waiting)
        {
            completion.SetException(reason);
        }
    }

    public void Complete()
    {
        registration.Unregister();
        if (Failure is null)
        {
            Transaction.Publish();
            completion.SetResult(true);
        }
        else
        {
            completion.SetException(Failure);
        }
    }

    void IValueTaskSource.GetResult(short token) => completion.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => completion.GetStatus(token);

    void IValueTaskSource.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
        => completion.OnCompleted(continuation, state, token, flags);
}
