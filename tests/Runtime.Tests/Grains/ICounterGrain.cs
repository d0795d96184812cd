namespace Vault.Runtime.Tests.Grains;

[Alias("tests.counter")]
public interface ICounterGrain : IGrainWithIntegerKey
{
    [Alias("Add")]
    Task<long> AddAsync(long amount);

    [Alias("AddLater")]
    Task<long> AddLaterAsync(long amount);

    [Alias("Fail")]
    Task FailAsync(string message);

    [Alias("Touch")]
    ValueTask TouchAsync();

    [Alias("Get")]
    ValueTask<long> GetAsync();
}

public sealed class CounterGrain : Grain, ICounterGrain
{
    private long _value;

    public Task<long> AddAsync(long amount) => Task.FromResult(_value += amount);

    public async Task<long> AddLaterAsync(long amount)
    {
        var before = _value;
        await Task.Yield();
        return _value = before + amount;
    }

    public async Task FailAsync(string message)
    {
        await Task.Yield();
        throw new InvalidOperationException(message);
    }

    public ValueTask TouchAsync() => ValueTask.CompletedTask;

    public ValueTask<long> GetAsync() => new(_value);
}
