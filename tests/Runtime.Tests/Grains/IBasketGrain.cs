using Orleans.Concurrency;
using Vault.Runtime.Tests.Support;

namespace Vault.Runtime.Tests.Grains;

public interface IListener : IGrainObserver
{
    [Alias("Heard")]
    void Heard(string what);

    [Alias("Ask")]
    Task<int> AskAsync(int number);
}

/// <summary>Keeps what it is given, to show what is copied.</summary>
[Alias("tests.basket")]
public interface IBasketGrain : IGrainWithStringKey
{
    [Alias("Put")]
    Task PutAsync(List<int> items);

    [Alias("PutImmutable")]
    Task PutImmutableAsync(Immutable<List<int>> items);

    [Alias("Get")]
    Task<List<int>> GetAsync();

    [Alias("Context")]
    Task<string?> ContextAsync(string key, string? replacement);

    [Alias("NestedContext")]
    Task<string?> NestedContextAsync(IBasketGrain other, string key);

    [Alias("Subscribe")]
    Task SubscribeAsync(IListener listener);

    [Alias("Tell")]
    Task TellAsync(string what);

    [Alias("Ask")]
    Task<int> AskAsync(int number);
}

public sealed class BasketGrain(Probe probe) : Grain, IBasketGrain, IIncomingGrainCallFilter
{
    private List<int> _items = [];
    private IListener? _listener;

    public Task PutAsync(List<int> items)
    {
        _items = items;
        return Task.CompletedTask;
    }

    public Task PutImmutableAsync(Immutable<List<int>> items)
    {
        _items = items.Value;
        return Task.CompletedTask;
    }

    public Task<List<int>> GetAsync() => Task.FromResult(_items);

    public Task<string?> ContextAsync(string key, string? replacement)
    {
        var value = RequestContext.Get(key) as string;
        if (replacement is not null)
        {
            RequestContext.Set(key, replacement);
        }

        return Task.FromResult(value);
    }

    public Task<string?> NestedContextAsync(IBasketGrain other, string key) => other.ContextAsync(key, null);

    public Task SubscribeAsync(IListener listener)
    {
        _listener = listener;
        return Task.CompletedTask;
    }

    public Task TellAsync(string what)
    {
        _listener!.Heard(what);
        return Task.CompletedTask;
    }

    public Task<int> AskAsync(int number) => _listener!.AskAsync(number);

    public async Task Invoke(IIncomingGrainCallContext context)
    {
        probe.Say($"grain filter {context.MethodName}");
        await context.Invoke();
    }
}
