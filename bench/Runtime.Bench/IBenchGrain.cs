namespace Vault.Runtime.Bench;

/// <summary>The least that a call can do.</summary>
[Alias("bench.grain")]
public interface IBenchGrain : IGrainWithIntegerKey
{
    /// <summary>Adds; retries add again.</summary>
    [Alias("Add")]
    Task<long> AddAsync(long amount);

    /// <summary>Adds; retries add again.</summary>
    [Alias("AddValue")]
    ValueTask<long> AddValueAsync(long amount);

    /// <summary>Waits for a turn of the pool, then adds; retries add again.</summary>
    [Alias("AddLater")]
    Task<long> AddLaterAsync(long amount);
}

/// <summary>A counter.</summary>
public sealed class BenchGrain : Grain, IBenchGrain
{
    private long _value;

    /// <inheritdoc/>
    public Task<long> AddAsync(long amount) => Task.FromResult(_value += amount);

    /// <inheritdoc/>
    public ValueTask<long> AddValueAsync(long amount) => new(_value += amount);

    /// <inheritdoc/>
    public async Task<long> AddLaterAsync(long amount)
    {
        await Task.Yield();
        return _value += amount;
    }
}
