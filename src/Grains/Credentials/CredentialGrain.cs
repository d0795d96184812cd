using System.Security.Cryptography;
using Vault.Events.Bus;
using Vault.Grains.Abstractions.Credentials;
using Vault.Grains.Store;
using Vault.Sql;

namespace Vault.Grains.Credentials;

/// <summary>One registered credential; nothing is remembered, so a revocation holds from its commit on.</summary>
internal sealed class CredentialGrain(Database database, EventBus events) : Grain, ICredentialGrain
{
    private const int LookupBytes = 32;
    private ReadOnlyMemory<byte> _lookup;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _lookup = Convert.FromHexString(this.GetPrimaryKeyString());
        return _lookup.Length == LookupBytes
            ? Task.CompletedTask
            : throw new ArgumentException("A credential grain is named by its lookup.");
    }

    public async Task<CredentialView?> ResolveAsync(CancellationToken cancellationToken)
    {
        var view = await database.ReadFirstAsync(CredentialTable.ByLookup, _lookup, cancellationToken);
        return view is null
            ? null
            : view with
            {
                ProjectKeys = [.. await database.ReadAsync(CredentialTable.ProjectKeys, _lookup, cancellationToken)],
                BucketKeys = [.. await database.ReadAsync(CredentialTable.BucketKeys, _lookup, cancellationToken)],
            };
    }

    public async Task<bool> RevokeAsync(string reason, CancellationToken cancellationToken)
    {
        var revocation = new CredentialRevocation(_lookup, reason, RandomNumberGenerator.GetBytes(8));
        var transaction = database.Begin(mayUseReserve: true);
        transaction.Check(CredentialTable.Revoke, revocation);
        transaction.Execute(CredentialTable.RevokedEvent, revocation);
        var number = CredentialFeedTable.Add(transaction, CredentialScope.Credential, this.GetPrimaryKeyString());
        if (await transaction.SendAsync(cancellationToken) is not null) return false;
        events.Publish(EventChannel.Credentials, number.Rows[0]);
        return true;
    }
}
