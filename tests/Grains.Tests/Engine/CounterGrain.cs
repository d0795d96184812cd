using System.Text.Json.Serialization;

namespace Vault.Grains.Tests.Engine;

/// <summary>A grain whose state is Orleans' to keep.</summary>
[Alias("test.counter")]
public interface ICounterGrain : IGrainWithStringKey
{
    [Alias("add")]
    Task<Counted> AddAsync();
}

/// <summary>What was counted, and by which activation.</summary>
[GenerateSerializer, Immutable, Alias("test.counted")]
public sealed record Counted
{
    [Id(0)] public required int Count { get; init; }

    [Id(1)] public required Guid Activation { get; init; }
}

public sealed class CounterState
{
    public int Count { get; set; }
}

[JsonSerializable(typeof(CounterState))]
internal sealed partial class CounterContext : JsonSerializerContext;

internal sealed class CounterGrain(
    [PersistentState("count")] IPersistentState<CounterState> state) : Grain, ICounterGrain
{
    private readonly Guid _activation = Guid.NewGuid();

    public async Task<Counted> AddAsync()
    {
        state.State.Count++;
        await state.WriteStateAsync();
        return new Counted { Count = state.State.Count, Activation = _activation };
    }
}
