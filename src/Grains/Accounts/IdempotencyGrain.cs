using Vault.Grains.Abstractions.Accounts;
using Vault.Grains.Store;
using Vault.Sql;

namespace Vault.Grains.Accounts;

/// <summary>One idempotency key. A claim whose request never ended lapses after two minutes.</summary>
internal sealed class IdempotencyGrain(Database database) : Grain, IIdempotencyGrain
{
    /// <summary>How long an answer is kept.</summary>
    internal const long LifeMs = 24L * 3600 * 1000;

    private const long LapseMs = 120_000;

    public async Task<IdempotencyState> BeginAsync(
        ReadOnlyMemory<byte> requestHash, CancellationToken cancellationToken)
    {
        var key = this.GetPrimaryKeyString();
        var transaction = database.Begin();
        transaction.Check(IdempotencyTable.Claim, new IdempotencyClaim(key, requestHash, LifeMs, LapseMs));
        if (await transaction.SendAsync(cancellationToken) is null)
        {
            return new IdempotencyState { Claimed = true };
        }

        var row = await database.ReadFirstAsync(IdempotencyTable.Read, key, cancellationToken);
        return row?.Status is not { } status || !row.RequestHash.AsSpan().SequenceEqual(requestHash.Span)
            ? new IdempotencyState { Claimed = false, Conflict = true }
            : new IdempotencyState { Claimed = false, Status = status, Body = row.Body, Secret = row.Secret };
    }

    public async Task FinishAsync(int status, string body, bool secret, CancellationToken cancellationToken)
    {
        var transaction = database.Begin();
        transaction.Execute(
            IdempotencyTable.Finish, new IdempotencyAnswer(this.GetPrimaryKeyString(), status, body, secret));
        await transaction.SendAsync(cancellationToken);
    }
}
