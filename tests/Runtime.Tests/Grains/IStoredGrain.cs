using Vault.Runtime.Tests.Support;

namespace Vault.Runtime.Tests.Grains;

[Alias("tests.stored")]
public interface IStoredGrain : IGrainWithStringKey
{
    [Alias("Read")]
    Task<string> ReadAsync();

    [Alias("Write")]
    Task WriteAsync(string text);

    [Alias("WriteWrongVersion")]
    Task WriteStaleAsync(string text);

    [Alias("Clear")]
    Task ClearAsync();

    [Alias("Leave")]
    Task LeaveAsync();
}

/// <summary>A grain whose whole state is its base class's.</summary>
[Alias("tests.stored-base")]
public interface IStoredBaseGrain : IGrainWithStringKey
{
    [Alias("Add")]
    Task<int> AddAsync(int number);

    [Alias("Leave")]
    Task LeaveAsync();
}

public sealed class Memo
{
    public string Text { get; set; } = "new";

    public int Sum { get; set; }
}

public sealed class StoredGrain(
    [PersistentState("memo")] IPersistentState<Memo> memo, [PersistentState("memo")] IPersistentState<Memo> same,
    Probe probe)
    : Grain, IStoredGrain
{
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        probe.Say($"activated with {memo.State.Text} {memo.RecordExists}");
        return Task.CompletedTask;
    }

    public Task<string> ReadAsync() => Task.FromResult(memo.State.Text);

    public Task WriteAsync(string text)
    {
        memo.State.Text = text;
        return memo.WriteStateAsync();
    }

    public async Task WriteStaleAsync(string text)
    {
        await WriteAsync(text);
        same.State.Text = "stale";
        await same.WriteStateAsync();
    }

    public Task ClearAsync() => memo.ClearStateAsync();

    public Task LeaveAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}

public sealed class StoredBaseGrain : Grain<Memo>, IStoredBaseGrain
{
    public async Task<int> AddAsync(int number)
    {
        State.Sum += number;
        await WriteStateAsync();
        return State.Sum;
    }

    public Task LeaveAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}

[Alias("tests.unstorable")]
public interface IUnstorableGrain : IGrainWithStringKey
{
    [Alias("Read")]
    Task<string> ReadAsync();
}

public sealed class UnstorableGrain(
    [PersistentState("memo", "no such storage")] IPersistentState<Memo> memo) : Grain, IUnstorableGrain
{
    public Task<string> ReadAsync() => Task.FromResult(memo.State.Text);
}
