using Orleans.Serialization.Invocation;
using Vault.Runtime.Serialization;

namespace Vault.Runtime.Invocation;

/// <summary>A call without a result.</summary>
public abstract class VoidGrainRequest : GrainRequest
{
    /// <summary>A call of this method.</summary>
    protected VoidGrainRequest(GrainMethod method)
        : base(method)
    {
    }

    /// <summary>Calls the method.</summary>
    protected abstract ValueTask InvokeTarget(object target);

    /// <summary>What the local caller awaits.</summary>
    internal Task Outcome()
    {
        if (!HasOutcome)
        {
            var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (TryWait(waiter))
            {
                return waiter.Task;
            }
        }

        return Failure is { } failure ? Task.FromException(failure) : Task.CompletedTask;
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
                        static (task, request) => ((VoidGrainRequest)request!).TargetCompleted(task),
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
                result.GetAwaiter().GetResult();
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
            await InvokeTarget(Target!);
            return Response.Completed;
        }
        catch (Exception exception)
        {
            return Response.FromException(exception);
        }
    }

    internal sealed override void WriteOutcome(ref CborWriter writer) => writer.WriteNull();

    internal sealed override void ReadOutcome(ref CborReader reader) => reader.Skip();

    private protected sealed override void Complete(object waiter)
    {
        var source = (TaskCompletionSource)waiter;
        if (Failure is { } failure)
        {
            source.SetException(failure);
        }
        else
        {
            source.SetResult();
        }
    }

    private async ValueTask InvokeThroughPipelineAsync(IIncomingPipeline pipeline) =>
        (await pipeline.InvokeAsync(this)).GetResult<object?>();

    private void TargetCompleted(Task task)
    {
        Take(task);
        Host!.TurnEnded(this);
        Finish();
    }

    private void Take(Task task)
    {
        if (!task.IsCompletedSuccessfully)
        {
            Error = task.Exception?.InnerExceptions[0] ?? new TaskCanceledException(task);
        }
    }
}
