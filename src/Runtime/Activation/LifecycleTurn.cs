using Vault.Runtime.Invocation;

namespace Vault.Runtime.Activation;

/// <summary>A step of an activation's life: creating, activating, deactivating.</summary>
internal sealed class LifecycleTurn(string description, Func<Task> work) : Turn
{
    internal override string Description => description;

    /// <summary>Makes a turn that runs without its maker's execution context.</summary>
    internal static LifecycleTurn Create(string description, Func<Task> work)
    {
        var turn = new LifecycleTurn(description, work);
        if (ExecutionContext.IsFlowSuppressed())
        {
            turn.Prepare();
        }
        else
        {
            using (ExecutionContext.SuppressFlow())
            {
                turn.Prepare();
            }
        }

        return turn;
    }

    internal override void Start()
    {
        var task = work();
        if (task.IsCompleted)
        {
            EndedAtOnce = true;
        }
        else
        {
            task.ContinueWith(
                static (_, turn) => ((LifecycleTurn)turn!).Host!.TurnEnded((LifecycleTurn)turn),
                this,
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
        }
    }

    internal override void Finish()
    {
    }
}
