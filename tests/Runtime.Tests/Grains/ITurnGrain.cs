using Orleans.Concurrency;
using Orleans.Serialization.Invocation;
using Vault.Runtime.Tests.Support;

namespace Vault.Runtime.Tests.Grains;

/// <summary>Methods that differ in what may interleave with what.</summary>
public interface ITurnGrain : IGrainWithStringKey
{
    [Alias("Plain")]
    Task PlainAsync(string name);

    [ReadOnly, Alias("Read")]
    Task ReadAsync(string name);

    [AlwaysInterleave, Alias("Always")]
    Task AlwaysAsync(string name);

    [Alias("Call")]
    Task<string> CallAsync(string[] others);

    [Alias("LeaveAndCall")]
    Task<string> LeaveAndCallAsync(string[] others);

    [Alias("CallAllowed")]
    Task<string> CallAllowedAsync(string[] others);

    [OneWay, Alias("Notify")]
    Task NotifyAsync(string name);

    [ResponseTimeout("00:00:05"), Alias("Brief")]
    Task BriefAsync(string name);

    [Alias("Schedulers")]
    Task<string> SchedulersAsync();

    [Alias("Token")]
    Task TokenAsync(string name, CancellationToken ct);
}

[Alias("tests.plain-turns")]
public interface IPlainTurnGrain : ITurnGrain;

[Alias("tests.reentrant-turns")]
public interface IReentrantTurnGrain : ITurnGrain;

[Alias("tests.choosing-turns")]
public interface IChoosingTurnGrain : ITurnGrain;

public abstract class TurnGrain(Probe probe) : Grain
{
    public Task PlainAsync(string name) => RunAsync(name);

    public Task ReadAsync(string name) => RunAsync(name);

    public Task AlwaysAsync(string name) => RunAsync(name);

    public Task NotifyAsync(string name) => RunAsync(name);

    public Task BriefAsync(string name) => RunAsync(name);

    public async Task<string> CallAsync(string[] others)
    {
        if (others.Length == 0)
        {
            return this.GetPrimaryKeyString();
        }

        return this.GetPrimaryKeyString() + await Other(others[0]).CallAsync(others[1..]);
    }

    public Task<string> LeaveAndCallAsync(string[] others)
    {
        DeactivateOnIdle();
        return CallAsync(others);
    }

    public async Task<string> CallAllowedAsync(string[] others)
    {
        using var allowed = RequestContext.AllowCallChainReentrancy();
        return await CallAsync(others);
    }

    public async Task<string> SchedulersAsync()
    {
        var turn = TaskScheduler.Current;
        await Task.Yield();
        var after = TaskScheduler.Current;
        var child = await Task.Factory.StartNew(
            () => TaskScheduler.Current, CancellationToken.None, TaskCreationOptions.None, TaskScheduler.Current);
        var pool = await Task.Run(() => TaskScheduler.Current);
        var back = TaskScheduler.Current;
        await Task.Run(static () => { }).ConfigureAwait(false);
        var gone = TaskScheduler.Current;
        return $"{this.GetPrimaryKeyString()} {turn != TaskScheduler.Default} {turn == after} {turn == child} "
            + $"{pool == TaskScheduler.Default} {turn == back} {gone == TaskScheduler.Default}";
    }

    public async Task TokenAsync(string name, CancellationToken ct)
    {
        probe.Say($"started {name}");
        try
        {
            await new TaskCompletionSource().Task.WaitAsync(ct);
        }
        catch (OperationCanceledException)
        {
            probe.Say($"cancelled {name}");
            throw;
        }
    }

    protected abstract ITurnGrain Other(string key);

    private async Task RunAsync(string name)
    {
        probe.Say($"started {name}");
        await probe.Gate(name);
        probe.Say($"ended {name}");
    }
}

public sealed class PlainTurnGrain(Probe probe) : TurnGrain(probe), IPlainTurnGrain
{
    protected override ITurnGrain Other(string key) => GrainFactory.GetGrain<IPlainTurnGrain>(key);
}

[Reentrant]
public sealed class ReentrantTurnGrain(Probe probe) : TurnGrain(probe), IReentrantTurnGrain
{
    protected override ITurnGrain Other(string key) => GrainFactory.GetGrain<IReentrantTurnGrain>(key);
}

[MayInterleave(nameof(MayInterleave))]
public sealed class ChoosingTurnGrain(Probe probe) : TurnGrain(probe), IChoosingTurnGrain
{
    public static bool MayInterleave(IInvokable request) =>
        request.GetArgumentCount() == 1 && request.GetArgument(0) is "urgent";

    protected override ITurnGrain Other(string key) => GrainFactory.GetGrain<IChoosingTurnGrain>(key);
}
