using Vault.Events.Bus;
using Vault.Grains.Abstractions.Accounts;
using Vault.Grains.Abstractions.Credentials;
using Vault.Grains.Credentials;
using Vault.Grains.Store;
using Vault.Protocol.Ids;
using Vault.Sql;

namespace Vault.Grains.Accounts;

/// <summary>One tenant; each change is one conditional transaction, nothing is remembered.</summary>
internal sealed class TenantGrain(Database database, EventBus events) : Grain, ITenantGrain
{
    private string Id => TenantId.TryParse(this.GetPrimaryKeyString(), out var id)
        ? id.Value
        : throw new ArgumentException("A tenant grain is named by its tenant id.");

    public async Task<AccountStatus> CreateAsync(CreateTenant create, CancellationToken cancellationToken)
    {
        var transaction = database.Begin();
        transaction.Execute(TenantTable.Insert, new TenantRow(Id, create.Name, create.OwnerEmail, create.Limits));
        await transaction.SendAsync(cancellationToken);
        var stored = await ReadAsync(cancellationToken);
        return stored?.Name == create.Name && stored.OwnerEmail == create.OwnerEmail && stored.Limits == create.Limits
            ? AccountStatus.Ok
            : AccountStatus.Conflict;
    }

    public Task<TenantView?> ReadAsync(CancellationToken cancellationToken) =>
        database.ReadFirstAsync(TenantTable.ById, Id, cancellationToken);

    public async Task<AccountStatus> UpdateAsync(
        AccountState? state, TenantLimits? limits, CancellationToken cancellationToken)
    {
        var transaction = database.Begin();
        transaction.Check(TenantTable.Update, new TenantChange(Id, state, limits));
        var number = CredentialFeedTable.Add(transaction, CredentialScope.Tenant, Id);
        if (await transaction.SendAsync(cancellationToken) is not null) return AccountStatus.NotFound;
        events.Publish(EventChannel.Credentials, number.Rows[0]);
        return AccountStatus.Ok;
    }

    public async Task<AccountStatus> DeleteAsync(CancellationToken cancellationToken)
    {
        var transaction = database.Begin(mayUseReserve: true);
        var exists = transaction.Check(TenantTable.Lock, Id);
        transaction.Check(TenantTable.HasNoProject, Id);
        transaction.Execute(TenantTable.Delete, Id);
        var failed = await transaction.SendAsync(cancellationToken);
        return failed is null || failed.Index == exists ? AccountStatus.Ok : AccountStatus.NotEmpty;
    }
}
