using System.Reflection;
using Orleans.Serialization.Invocation;
using Vault.Runtime.Serialization;

namespace Vault.Runtime.Invocation;

/// <summary>
/// A call from its arguments to its outcome: what the caller waits for and the turn that serves it. Generated code
/// derives from it.
/// </summary>
public abstract class GrainRequest : Turn, IInvokable
{
    private static readonly object s_decided = new();
    private object? _slot;
    private int _claimed;
    private Exception? _failure;

    private protected GrainRequest(GrainMethod method)
    {
        Method = method;
        IsReadOnly = method.IsReadOnly;
        Interleaves = method.AlwaysInterleaves;
    }

    /// <summary>The method called.</summary>
    public GrainMethod Method { get; }

    /// <inheritdoc/>
    public bool IsCancellable => CancellationToken.CanBeCanceled;

    /// <summary>The method's cancellation token; overridden when it has one.</summary>
    public virtual CancellationToken CancellationToken
    {
        get => default;
        set { }
    }

    /// <summary>The grain called.</summary>
    internal GrainId TargetId { get; set; }

    /// <summary>The calling grain.</summary>
    internal GrainId SourceId { get; set; }

    /// <summary>The interface it is called by, on the wire.</summary>
    internal string InterfaceName { get; set; } = "";

    /// <summary>Values that flow with it to another process.</summary>
    internal ContextValues? Context { get; set; }

    /// <summary>The object called.</summary>
    internal object? Target { get; set; }

    /// <summary>What runs around the call on the called side; null when nothing does.</summary>
    internal IIncomingPipeline? Pipeline { get; set; }

    /// <summary>Who takes the outcome when it isn't the local caller.</summary>
    internal ICallOwner? Owner { get; set; }

    /// <summary>The list of deadlines that it is in.</summary>
    internal IDeadlineLane? Lane { get; set; }

    internal GrainRequest? LaneNext { get; set; }

    internal GrainRequest? LanePrevious { get; set; }

    internal long Deadline { get; set; }

    /// <summary>What is kept of it while another process has it.</summary>
    internal PendingCall? Pending { get; set; }

    /// <summary>Whether the arguments are the engine's own.</summary>
    internal bool ArgumentsAreKept { get; set; }

    internal CancellationTokenRegistration Cancellation { get; set; }

    internal CancellationTokenSource? CancellationSource { get; set; }

    /// <summary>What the called side failed with.</summary>
    internal Exception? Error { get; private protected set; }

    /// <summary>Whether the caller has an outcome already, so that serving the call is of no use to it.</summary>
    internal bool IsDecided => Volatile.Read(ref _claimed) != 0;

    /// <summary>Whether the outcome is there.</summary>
    private protected bool HasOutcome => ReferenceEquals(Volatile.Read(ref _slot), s_decided);

    /// <summary>What the local caller sees.</summary>
    private protected Exception? Failure => _failure ?? Error;

    internal override string Description => $"{Method.DisplayName} of {TargetId}";

    /// <summary>The number of arguments, a cancellation token included.</summary>
    public abstract int GetArgumentCount();

    /// <summary>An argument.</summary>
    public abstract object? GetArgument(int index);

    /// <summary>Replaces an argument.</summary>
    public abstract void SetArgument(int index, object? value);

    /// <summary>Replaces arguments by copies; overridden when one is not immutable.</summary>
    public virtual void CopyArguments()
    {
    }

    /// <summary>Writes all arguments but the cancellation token.</summary>
    public abstract void WriteArguments(ref CborWriter writer);

    /// <summary>Reads what <see cref="WriteArguments"/> wrote.</summary>
    public abstract void ReadArguments(ref CborReader reader);

    object? IInvokable.GetTarget() => Target;

    void IInvokable.SetTarget(ITargetHolder holder) => Target = holder.GetTarget<object>();

    void IInvokable.SetArgument(int index, object value) => SetArgument(index, value);

    string IInvokable.GetMethodName() => Method.Name;

    string IInvokable.GetInterfaceName() => Method.InterfaceType.FullName!;

    string IInvokable.GetActivityName() => Method.DisplayName;

    MethodInfo IInvokable.GetMethod() => Method.Method;

    Type IInvokable.GetInterfaceType() => Method.InterfaceType;

    TimeSpan? IInvokable.GetDefaultResponseTimeout() => Method.ResponseTimeout;

    CancellationToken IInvokable.GetCancellationToken() => CancellationToken;

    bool IInvokable.TryCancel()
    {
        CancellationSource?.Cancel();
        return CancellationSource is not null;
    }

    ValueTask<Response> IInvokable.Invoke() => InvokeForResponse();

    /// <inheritdoc/>
    public void Dispose() => GC.SuppressFinalize(this);

    /// <inheritdoc/>
    public override string ToString() => Description;

    internal abstract ValueTask<Response> InvokeForResponse();

    /// <summary>Writes the result that the call ended with.</summary>
    internal abstract void WriteOutcome(ref CborWriter writer);

    /// <summary>Reads the result that <see cref="WriteOutcome"/> wrote on another silo.</summary>
    internal abstract void ReadOutcome(ref CborReader reader);

    /// <summary>Gives the outcome to its owner or to the local caller.</summary>
    internal sealed override void Finish()
    {
        Caller = null;
        if (Owner is null)
        {
            CompleteCaller();
        }
        else if (Interlocked.Exchange(ref _claimed, 1) == 0)
        {
            Owner.Completed(this, Error);
        }
    }

    /// <summary>Ends the wait for a call that goes on running; what it comes to is dropped.</summary>
    internal void Abandon(Exception exception)
    {
        if (Owner is null)
        {
            TryFail(exception);
        }
        else if (Interlocked.Exchange(ref _claimed, 1) == 0)
        {
            Owner.Completed(this, exception);
        }
    }

    /// <summary>Replaces an outcome that may not leave the silo, or can't.</summary>
    internal void Spoil(Exception exception) => Error = exception;

    /// <summary>Gives the local caller the outcome, unless it has one.</summary>
    internal void CompleteCaller()
    {
        if (Interlocked.Exchange(ref _claimed, 1) == 0)
        {
            Publish();
        }
    }

    /// <summary>Gives the local caller a failure, unless it has an outcome; whether it was this that did.</summary>
    internal bool TryFail(Exception exception)
    {
        if (Interlocked.Exchange(ref _claimed, 1) != 0)
        {
            return false;
        }

        _failure = exception;
        Publish();
        return true;
    }

    /// <summary>Leaves a waiter for the outcome; false when the outcome is there already.</summary>
    private protected bool TryWait(object waiter) => Interlocked.CompareExchange(ref _slot, waiter, null) is null;

    private protected abstract void Complete(object waiter);

    private void Publish()
    {
        Lane?.Remove(this);
        Cancellation.Unregister();
        Pending?.Forget(_failure);
        if (Interlocked.Exchange(ref _slot, s_decided) is { } waiter)
        {
            Complete(waiter);
        }
    }
}

/// <summary>Takes the outcome of a call that has ended.</summary>
internal interface ICallOwner
{
    void Completed(GrainRequest request, Exception? error);
}

/// <summary>A call that another process has.</summary>
internal abstract class PendingCall
{
    /// <summary>The caller has an outcome; a failure is one that this side decided on.</summary>
    internal abstract void Forget(Exception? failure);
}

/// <summary>Runs filters around a call.</summary>
internal interface IIncomingPipeline
{
    ValueTask<Response> InvokeAsync(GrainRequest request);
}

/// <summary>Holds calls until their deadline.</summary>
internal interface IDeadlineLane
{
    void Remove(GrainRequest request);
}
