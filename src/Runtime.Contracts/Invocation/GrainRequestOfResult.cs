using Orleans.Serialization.Invocation;
using Vault.Runtime.Serialization;

namespace Vault.Runtime.Invocation;

/// <summary>A call with a result.</summary>
/// <typeparam name="TResult">The result's type.</typeparam>
public abstract class GrainRequest<TResult> : GrainRequest
{
    private ValueTask<TResult> _result;

    /// <summary>A call of this method.</summary>
    protected GrainRequest(GrainMethod method)
        : base(method)
    {
    }

    /// <summary>Whether <see cref="CopyResult"/> makes a copy; overridden together with it.</summary>
    protected virtual bool CopiesResult => false;

    /// <summary>Calls the method.</summary>
    protected abstract ValueTask<TResult> InvokeTarget(object target);

    /// <summary>A copy of the result; overridden when its type is not immutable.</summary>
    protected virtual TResult CopyResult(TResult result) => result;

    /// <summary>Writes a result.</summary>
    protected abstract void WriteResult(ref CborWriter writer, TResult result);

    /// <summary>Reads what <see cref="WriteResult"/> wrote.</summary>
    protected abstract TResult ReadResult(ref CborReader reader);

    /// <summary>What the local caller awaits.</summary>
    internal ValueTask<TResult> Outcome()
    {
        if (!HasOutcome)
        {
            var waiter = new TaskCompletionSource<TResult>(TaskCreationOptions.RunContinuationsAsynchronously);
            if (TryWait(waiter))
            {
                return new ValueTask<TResult>(waiter.Task);
            }
        }

        return Failure is { } failure ? ValueTask.FromException<TResult>(failure) : _result;
    }

    internal sealed override void Start()
    {
        try
        {
            var result = Pipeline is null ? InvokeTarget(Target!) : InvokeThroughPipelineAsync(Pipeline);
            if (!result.IsCompletedSuccessfully)
            {
                var task = result.AsTask();
                if (!task.IsCompleted)
                {
                    task.ContinueWith(
                        static (task, request) => ((GrainRequest<TResult>)request!)
                            .TargetCompleted((Task<TResult>)task),
                        this,
                        CancellationToken.None,
                        TaskContinuationOptions.ExecuteSynchronously,
                        TaskScheduler.Default);
                    return;
                }

                Take(task);
            }
            else
            {
                Take(result);
            }
        }
        catch (Exception exception)
        {
            Error = exception;
        }

        EndedAtOnce = true;
    }

    internal sealed override async ValueTask<Response> InvokeForResponse()
    {
        try
        {
            return Response.FromResult(await InvokeTarget(Target!));
        }
        catch (Exception exception)
        {
            return Response.FromException(exception);
        }
    }

    internal sealed override void WriteOutcome(ref CborWriter writer) => WriteResult(ref writer, _result.Result);

    internal sealed override void ReadOutcome(ref CborReader reader) =>
        _result = new ValueTask<TResult>(ReadResult(ref reader));

    private protected sealed override void Complete(object waiter)
    {
        var source = (TaskCompletionSource<TResult>)waiter;
        if (Failure is { } failure)
        {
            source.SetException(failure);
        }
        else
        {
            source.SetResult(_result.Result);
        }
    }

    private async ValueTask<TResult> InvokeThroughPipelineAsync(IIncomingPipeline pipeline) =>
        (await pipeline.InvokeAsync(this)).GetResult<TResult>();

    private void TargetCompleted(Task<TResult> task)
    {
        try
        {
            Take(task);
        }
        catch (Exception exception)
        {
            Error = exception;
        }

        Host!.TurnEnded(this);
        Finish();
    }

    private void Take(Task<TResult> task)
    {
        if (task.IsCompletedSuccessfully)
        {
            Take(new ValueTask<TResult>(task));
        }
        else
        {
            Error = task.Exception?.InnerExceptions[0] ?? new TaskCanceledException(task);
        }
    }

    private void Take(ValueTask<TResult> result) =>
        _result = CopiesResult && Owner is null ? new ValueTask<TResult>(CopyResult(result.Result)) : result;
}
