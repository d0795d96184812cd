using Vault.Runtime.Activation;

namespace Vault.Runtime.Simulation.Scheduling;

/// <summary>The engine's executor in a simulated process.</summary>
internal sealed class SimulatedExecutor(SimulatedProcess process) : Executor
{
    public override void Queue(IThreadPoolWorkItem item, bool preferLocal) => process.Enqueue(item);

    public override Task Run(Func<Task> work)
    {
        var done = CreateSource();
        process.Post(async () =>
        {
            try
            {
                await work();
                done.SetResult();
            }
            catch (OperationCanceledException exception)
            {
                done.SetCanceled(exception.CancellationToken);
            }
            catch (ProcessDiedException)
            {
                throw;
            }
            catch (Exception exception)
            {
                done.SetException(exception);
            }
        });
        return done.Task;
    }

    /// <summary>Continuations of a process's own context are posted to it, so nothing need go to the pool.</summary>
    public override TaskCompletionSource CreateSource() => new();

    public override Task CancelAsync(CancellationTokenSource source)
    {
        source.Cancel();
        return Task.CompletedTask;
    }
}
