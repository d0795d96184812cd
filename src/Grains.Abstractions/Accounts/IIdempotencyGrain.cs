namespace Vault.Grains.Abstractions.Accounts;

/// <summary>Remembers one <c>Idempotency-Key</c> for 24 hours. Key: caller's scope + "/" + the key.</summary>
[Alias("vault.idempotency"), GrainInterfaceType("vault.idempotency")]
public interface IIdempotencyGrain : IGrainWithStringKey
{
    /// <summary>
    /// Claims the key for a request, or tells what became of it. Not safe to repeat: after a claim whose answer was
    /// lost it answers <see cref="IdempotencyState.Conflict"/> until the claim lapses, after two minutes.
    /// </summary>
    /// <param name="requestHash">SHA-256 over method, path and body.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    [Alias("begin")]
    Task<IdempotencyState> BeginAsync(
        [Immutable] ReadOnlyMemory<byte> requestHash, CancellationToken cancellationToken);

    /// <summary>
    /// Stores the answer. <paramref name="body"/> never holds a secret: for calls that return one it is the new id
    /// only. Safe to repeat: the answer that is stored first stays.
    /// </summary>
    [Alias("finish")]
    [Repeatable]
    Task FinishAsync(int status, string body, bool secret, CancellationToken cancellationToken);
}

/// <summary>What is known of an idempotency key.</summary>
[GenerateSerializer, Immutable, Alias("vault.idempotency-state")]
public sealed record IdempotencyState
{
    /// <summary>True: go ahead, then call <see cref="IIdempotencyGrain.FinishAsync"/>.</summary>
    [Id(0)] public required bool Claimed { get; init; }

    /// <summary>True: the key was used for another request, or that request still runs: 409.</summary>
    [Id(1)] public bool Conflict { get; init; }

    /// <summary>The stored status, when it ended before.</summary>
    [Id(2)] public int Status { get; init; }

    /// <summary>The stored body, when it ended before.</summary>
    [Id(3)] public string? Body { get; init; }

    /// <summary>True: the answer held a secret that is not kept; a replay answers 409.</summary>
    [Id(4)] public bool Secret { get; init; }
}
