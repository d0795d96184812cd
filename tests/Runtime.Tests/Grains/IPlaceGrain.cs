using Orleans.Concurrency;

namespace Vault.Runtime.Tests.Grains;

/// <summary>Says where it runs and takes messages of several shapes.</summary>
[Alias("tests.place")]
public interface IPlaceGrain : IGrainWithStringKey
{
    [Alias("Where")]
    Task<string> WhereAsync();

    [Alias("Echo")]
    Task<Note> EchoAsync(Note note);

    [Alias("Call")]
    Task<string> CallAsync(IPlaceGrain other);

    [Alias("CallBack")]
    Task<string> CallBackAsync(IPlaceGrain other, bool allow);

    [Alias("Wait")]
    Task WaitAsync(CancellationToken ct);

    /// <summary>Until somebody waits.</summary>
    [AlwaysInterleave, Alias("Arrived")]
    Task ArrivedAsync();

    [Alias("Fail")]
    Task FailAsync();

    [Alias("FailOddly")]
    Task FailOddlyAsync();

    [Alias("Context")]
    Task<string?> ContextAsync(string key);

    [AlwaysInterleave, Alias("Release")]
    Task ReleaseAsync();
}

[GenerateSerializer, Immutable, Alias("tests.note")]
public sealed record Note
{
    [Id(0)]
    public required string Text { get; init; }

    [Id(1)]
    public required long Number { get; init; }
}

/// <summary>A failure that no codec can write.</summary>
[GenerateSerializer, Alias("tests.odd")]
public sealed class OddException : Exception
{
    [Id(0)]
    public object? Odd { get; init; }
}

public sealed class PlaceGrain(ILocalSiloDetails silo) : Grain, IPlaceGrain
{
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<string> WhereAsync() => Task.FromResult(silo.SiloAddress.ToParsableString());

    public Task<Note> EchoAsync(Note note) => Task.FromResult(note with { Number = note.Number + 1 });

    public Task<string> CallAsync(IPlaceGrain other) => other.WhereAsync();

    public async Task<string> CallBackAsync(IPlaceGrain other, bool allow)
    {
        using var section = allow
            ? RequestContext.AllowCallChainReentrancy()
            : RequestContext.SuppressCallChainReentrancy();
        return await other.CallAsync(this.AsReference<IPlaceGrain>());
    }

    public async Task WaitAsync(CancellationToken ct)
    {
        _arrived.TrySetResult();
        await _released.Task.WaitAsync(ct);
    }

    public Task ArrivedAsync() => _arrived.Task;

    public async Task FailOddlyAsync()
    {
        await Task.Yield();
        throw new OddException { Odd = new object() };
    }

    public Task FailAsync() => throw new KeyNotFoundException("nothing here");

    public Task<string?> ContextAsync(string key) => Task.FromResult(RequestContext.Get(key) as string);

    public Task ReleaseAsync()
    {
        _released.TrySetResult();
        return Task.CompletedTask;
    }
}
