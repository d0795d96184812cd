namespace Vault.Runtime.Activation;

/// <summary>
/// Runs what the engine does not run on its caller's thread: the thread pool, unless the host has another. Turns, calls,
/// membership and views go through it, so that under one that runs a single thread and takes its turns by a seed they
/// are deterministic; TCP and reminders, which the simulation does without, do not.
/// </summary>
/// <remarks>
/// To stay so, engine code does not use <c>Task.Run</c>, <c>ThreadPool</c>, <c>ConfigureAwait</c> and
/// <see cref="CancellationTokenSource.CancelAsync"/>, does not combine (<c>WhenAll</c>, <c>WaitAsync</c>,
/// <c>ContinueWith</c>) tasks of sources that are not made here, and takes time from a <see cref="TimeProvider"/>.
/// </remarks>
internal class Executor
{
    /// <summary>The thread pool.</summary>
    public static Executor Pool { get; } = new();

    /// <summary>Waits for a task to end, however it does.</summary>
    public static async Task EndOfAsync(Task task) => await task.ConfigureAwait(
        ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);

    /// <summary>Runs an item soon, on another stack.</summary>
    public virtual void Queue(IThreadPoolWorkItem item, bool preferLocal) =>
        ThreadPool.UnsafeQueueUserWorkItem(item, preferLocal);

    /// <summary>Starts a task soon, on another stack.</summary>
    public virtual Task Run(Func<Task> work) => Task.Run(work);

    /// <summary>Makes a source whose completion runs nothing on the completer's stack.</summary>
    public virtual TaskCompletionSource CreateSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Cancels; what that causes runs on another stack.</summary>
    public virtual Task CancelAsync(CancellationTokenSource source) => source.CancelAsync();
}
