using System.Collections.Immutable;
using Vault.Protocol.Ids;

namespace Vault.Grains.Abstractions.Accounts;

/// <summary>The single writer of one tenant. Key: tenant id.</summary>
[Alias("vault.tenant"), GrainInterfaceType("vault.tenant")]
public interface ITenantGrain : IGrainWithStringKey
{
    /// <summary>
    /// Creates the tenant. Safe to repeat with the same content: the id is drawn for this call, so nobody knows the
    /// tenant before its answer. One that was changed since answers <see cref="AccountStatus.Conflict"/>.
    /// </summary>
    [Alias("create")]
    [Repeatable]
    Task<AccountStatus> CreateAsync(CreateTenant create, CancellationToken cancellationToken);

    /// <summary>The tenant, or null. A read: repeat at will.</summary>
    [Alias("read")]
    [Repeatable]
    Task<TenantView?> ReadAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Changes state or limits; null stays. Not safe to repeat: what another changed in between would be changed back.
    /// </summary>
    [Alias("update")]
    Task<AccountStatus> UpdateAsync(AccountState? state, TenantLimits? limits, CancellationToken cancellationToken);

    /// <summary>
    /// Deletes the tenant when it has no projects. Safe to repeat: one that is gone is <see cref="AccountStatus.Ok"/>,
    /// and its id is never drawn again.
    /// </summary>
    [Alias("delete")]
    [Repeatable]
    Task<AccountStatus> DeleteAsync(CancellationToken cancellationToken);
}

/// <summary>Lists of accounts. Stateless worker, key 0. All methods are reads.</summary>
[Alias("vault.account-list"), GrainInterfaceType("vault.account-list")]
public interface IAccountListGrain : IGrainWithIntegerKey
{
    /// <summary>
    /// Tenants by id after <paramref name="after"/>, at most <paramref name="limit"/> (≤ 1,000). A read: repeat at
    /// will.
    /// </summary>
    [Alias("tenants")]
    [Repeatable]
    Task<ImmutableArray<TenantView>> ListTenantsAsync(string after, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// A tenant's projects (of all tenants when null) by id after <paramref name="after"/>, at most
    /// <paramref name="limit"/> (≤ 1,000). A read: repeat at will.
    /// </summary>
    [Alias("projects")]
    [Repeatable]
    Task<ImmutableArray<ProjectView>> ListProjectsAsync(
        TenantId? tenantId, string after, int limit, CancellationToken cancellationToken);
}

/// <summary>A new tenant.</summary>
[GenerateSerializer, Immutable, Alias("vault.create-tenant")]
public sealed record CreateTenant
{
    /// <summary>1 to 64 characters.</summary>
    [Id(0)] public required string Name { get; init; }

    /// <summary>Whom to write to.</summary>
    [Id(1)] public required string OwnerEmail { get; init; }

    /// <summary>Limits.</summary>
    [Id(2)] public required TenantLimits Limits { get; init; }
}

/// <summary>A tenant's limits; 0 means none.</summary>
[GenerateSerializer, Immutable, Alias("vault.tenant-limits")]
public sealed record TenantLimits
{
    /// <summary>Number of projects, default 10.</summary>
    [Id(0)] public int Projects { get; init; } = 10;

    /// <summary>Plaintext bytes in all projects.</summary>
    [Id(1)] public long StorageBytes { get; init; }

    /// <summary>Bytes sent per month.</summary>
    [Id(2)] public long EgressBytesPerMonth { get; init; }
}

/// <summary>A tenant.</summary>
[GenerateSerializer, Immutable, Alias("vault.tenant-view")]
public sealed record TenantView
{
    /// <summary>Its id.</summary>
    [Id(0)] public required TenantId TenantId { get; init; }

    /// <summary>Its name.</summary>
    [Id(1)] public required string Name { get; init; }

    /// <summary>Whom to write to.</summary>
    [Id(2)] public required string OwnerEmail { get; init; }

    /// <summary>Its limits.</summary>
    [Id(3)] public required TenantLimits Limits { get; init; }

    /// <summary>Its state.</summary>
    [Id(4)] public required AccountState State { get; init; }

    /// <summary>Creation time, Unix milliseconds.</summary>
    [Id(5)] public required long CreatedMs { get; init; }
}
