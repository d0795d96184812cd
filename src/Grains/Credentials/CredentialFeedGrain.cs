using Orleans.Concurrency;
using Vault.Grains.Abstractions.Credentials;
using Vault.Grains.Store;
using Vault.Sql;

namespace Vault.Grains.Credentials;

/// <summary>Reads the feed; nothing is remembered.</summary>
[StatelessWorker]
internal sealed class CredentialFeedGrain(Database database) : Grain, ICredentialFeedGrain
{
    public async Task<CredentialFeedPage> ReadAsync(long after, CancellationToken cancellationToken)
    {
        var head = await database.ReadFirstAsync(CredentialFeedTable.Head, true, cancellationToken)
            ?? throw new InvalidOperationException("The feed has no number; the database is not migrated.");
        if (after == head.Number || after < 0)
            return new CredentialFeedPage { Number = head.Number, Changes = [] };
        if (after > head.Number) // the database is older than what this reader has seen
            return new CredentialFeedPage { Number = head.Number, Gap = true, Changes = [] };
        var rows = await database.ReadAsync(CredentialFeedTable.After, after, cancellationToken);
        return rows.Count == 0
            ? new CredentialFeedPage { Number = head.Number, Gap = true, Changes = [] }
            : new CredentialFeedPage
            {
                Number = rows[^1].Number,
                Gap = rows[0].Number != after + 1,
                More = rows.Count == CredentialFeedTable.PageRows,
                Changes = [.. rows.Select(static row => row.Change)],
            };
    }
}
