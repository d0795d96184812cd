using System.Collections.Concurrent;

namespace Vault.Runtime.Tests.Support;

/// <summary>What grains of a test tell the test, and the gates that it opens for them.</summary>
public sealed class Probe
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _gates = new();
    private readonly ConcurrentDictionary<(string Event, int Count), TaskCompletionSource> _waits = new();
    private readonly ConcurrentDictionary<string, int> _counts = new();
    private readonly Lock _lock = new();

    public ConcurrentQueue<string> Events { get; } = new();

    public void Say(string what)
    {
        Events.Enqueue(what);
        lock (_lock)
        {
            var count = _counts.AddOrUpdate(what, 1, (_, n) => n + 1);
            Wait(what, count).TrySetResult();
        }
    }

    public int Count(string what) => _counts.GetValueOrDefault(what);

    /// <summary>Until it was said so many times.</summary>
    public Task Heard(string what, int times = 1)
    {
        lock (_lock)
        {
            return Count(what) >= times
                ? Task.CompletedTask
                : Wait(what, times).Task.WaitAsync(TimeSpan.FromSeconds(20));
        }
    }

    public Task Gate(string name) => Source(name).Task;

    public void Open(string name) => Source(name).TrySetResult();

    private TaskCompletionSource Source(string name) =>
        _gates.GetOrAdd(name, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    private TaskCompletionSource Wait(string what, int times) =>
        _waits.GetOrAdd(
            (what, times), _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}
