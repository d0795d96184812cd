using System.Collections.Concurrent;

namespace Vault.Runtime.Sql.Tests.Membership;

/// <summary>Counts in memory, and holds calls until the test lets them go.</summary>
[Alias("tests.tally")]
public interface ITallyGrain : IGrainWithIntegerKey
{
    [Alias("Where")]
    Task<string> WhereAsync();

    [Alias("Next")]
    Task<int> NextAsync();

    [Alias("Hold")]
    Task<int> HoldAsync(string gate);
}

/// <summary>Where calls are held.</summary>
public sealed class Gates
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _entered = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _opened = new();

    public Task Entered(string gate) => Source(_entered, gate).Task;

    public void Open(string gate) => Source(_opened, gate).TrySetResult();

    public Task EnterAsync(string gate)
    {
        Source(_entered, gate).TrySetResult();
        return Source(_opened, gate).Task;
    }

    private static TaskCompletionSource Source(
        ConcurrentDictionary<string, TaskCompletionSource> sources, string gate) => sources.GetOrAdd(
            gate, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}

public sealed class TallyGrain(ILocalSiloDetails silo, Gates gates) : Grain, ITallyGrain
{
    private int _count;

    public Task<string> WhereAsync() => Task.FromResult(silo.SiloAddress.ToParsableString());

    public Task<int> NextAsync() => Task.FromResult(++_count);

    public async Task<int> HoldAsync(string gate)
    {
        await gates.EnterAsync(gate);
        return ++_count;
    }
}
