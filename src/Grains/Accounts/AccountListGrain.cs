using System.Collections.Immutable;
using Orleans.Concurrency;
using Vault.Grains.Abstractions.Accounts;
using Vault.Grains.Store;
using Vault.Protocol.Ids;
using Vault.Sql;

namespace Vault.Grains.Accounts;

/// <summary>Lists of tenants and projects.</summary>
[StatelessWorker]
[Reentrant]
internal sealed class AccountListGrain(Database database) : Grain, IAccountListGrain
{
    private const int MaxListed = 1000;

    public async Task<ImmutableArray<TenantView>> ListTenantsAsync(
        string after, int limit, CancellationToken cancellationToken) =>
        [.. await database.ReadAsync(
            TenantTable.List, new AccountPage(after, Math.Clamp(limit, 0, MaxListed)), cancellationToken)];

    public async Task<ImmutableArray<ProjectView>> ListProjectsAsync(
        TenantId? tenantId, string after, int limit, CancellationToken cancellationToken)
    {
        var page = new ProjectPage(tenantId?.Value, after, Math.Clamp(limit, 0, MaxListed));
        var query = tenantId is null ? ProjectTable.List : ProjectTable.ListOfTenant;
        return [.. await database.ReadAsync(query, page, cancellationToken)];
    }
}
