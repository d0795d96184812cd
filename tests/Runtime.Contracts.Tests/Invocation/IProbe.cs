using Orleans;
using Orleans.Concurrency;
using Vault.Runtime.Contracts.Tests.Serialization;

namespace Vault.Runtime.Contracts.Tests.Invocation;

/// <summary>One method of every kind.</summary>
[Alias("test.probe")]
public interface IProbe : IGrainWithStringKey
{
    [Alias("mix")]
    Task<List<int>> MixAsync(
        int number, string? text, byte[] bytes, Message message, CancellationToken cancellationToken);

    [Alias("tell"), OneWay]
    Task TellAsync(List<string> words);

    [Alias("read"), Orleans.Concurrency.ReadOnly, AlwaysInterleave, ResponseTimeout("00:00:07")]
    ValueTask<long> ReadAsync();

    [Alias("fire")]
    void Fire((int A, string B) pair);

    [Alias("wait")]
    ValueTask WaitAsync();
}

/// <summary>A target that keeps what it was called with.</summary>
internal sealed class Probe : IProbe
{
    public List<object?> Seen { get; } = [];

    public Task<List<int>> MixAsync(
        int number, string? text, byte[] bytes, Message message, CancellationToken cancellationToken)
    {
        Seen.AddRange([number, text, bytes, message, cancellationToken]);
        return Task.FromResult<List<int>>([number]);
    }

    public Task TellAsync(List<string> words)
    {
        Seen.Add(words);
        return Task.CompletedTask;
    }

    public ValueTask<long> ReadAsync() => new(7);

    public void Fire((int A, string B) pair) => Seen.Add(pair);

    public ValueTask WaitAsync() => ValueTask.CompletedTask;
}
