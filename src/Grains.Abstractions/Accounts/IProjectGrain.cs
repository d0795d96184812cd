using System.Collections.Immutable;
using Vault.Grains.Abstractions.Credentials;
using Vault.Protocol.Ids;

namespace Vault.Grains.Abstractions.Accounts;

/// <summary>The single writer of one project, its credentials' list and its revocation set. Key: project id.</summary>
[Alias("vault.project"), GrainInterfaceType("vault.project")]
public interface IProjectGrain : IGrainWithStringKey
{
    /// <summary>
    /// Creates the project with its first credentials (owner's and recovery) in one transaction. Safe to repeat with
    /// the same content: the id is drawn for this call, so nobody knows the project before its answer. One that was
    /// changed since answers <see cref="AccountStatus.Conflict"/>.
    /// </summary>
    [Alias("create")]
    [Repeatable]
    Task<AccountStatus> CreateAsync(CreateProject create, CancellationToken cancellationToken);

    /// <summary>The project, or null. A read: repeat at will.</summary>
    [Alias("read")]
    [Repeatable]
    Task<ProjectView?> ReadAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Changes what is set. Not safe to repeat: what another changed in between would be changed back.
    /// </summary>
    [Alias("update")]
    Task<AccountStatus> UpdateAsync(UpdateProject update, CancellationToken cancellationToken);

    /// <summary>
    /// Deletes the project when it has no buckets; its credentials are revoked with it. Safe to repeat: one that is
    /// gone is <see cref="AccountStatus.Ok"/>, and its id is never drawn again.
    /// </summary>
    [Alias("delete")]
    [Repeatable]
    Task<AccountStatus> DeleteAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Adds a credential. Safe to repeat with the same lookup and record: it is there once, and one that was revoked
    /// since stays revoked.
    /// </summary>
    [Alias("add-credential")]
    [Repeatable]
    Task<AccountStatus> AddCredentialAsync(NewCredential credential, CancellationToken cancellationToken);

    /// <summary>
    /// Credentials by lookup, ascending, after <paramref name="after"/>; at most <paramref name="limit"/> (≤ 1,000). A
    /// read: repeat at will.
    /// </summary>
    [Alias("list-credentials")]
    [Repeatable]
    Task<ImmutableArray<CredentialSummary>> ListCredentialsAsync(
        [Immutable] ReadOnlyMemory<byte> after, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Revokes every token that has this tail (SHA-256 of a chain signature) in its chain. Safe to repeat: the first
    /// time and reason stay; the project's events show each call.
    /// </summary>
    [Alias("revoke-tail")]
    [Repeatable]
    Task RevokeTailAsync([Immutable] ReadOnlyMemory<byte> tailHash, string reason, CancellationToken cancellationToken);

    /// <summary>Remembers a minted token for the project's list. Safe to repeat: it is listed once.</summary>
    [Alias("add-token")]
    [Repeatable]
    Task AddTokenAsync(NewToken token, CancellationToken cancellationToken);

    /// <summary>
    /// Tokens that live, by tail, ascending, after <paramref name="after"/>; at most 1,000. A read: repeat at will.
    /// </summary>
    [Alias("list-tokens")]
    [Repeatable]
    Task<ImmutableArray<IssuedToken>> ListTokensAsync(
        [Immutable] ReadOnlyMemory<byte> after, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Revokes a listed token and all derived from it. False: it is not in the list. Safe to repeat: the first time and
    /// reason stay; the project's events show each call.
    /// </summary>
    [Alias("revoke-token")]
    [Repeatable]
    Task<bool> RevokeTokenAsync(
        [Immutable] ReadOnlyMemory<byte> tailHash, string reason, CancellationToken cancellationToken);

    /// <summary>True when any of the tails (≤ 65, 32 bytes each) is revoked. A read: repeat at will.</summary>
    [Alias("any-revoked")]
    [Repeatable]
    Task<bool> AnyRevokedAsync(
        [Immutable] ImmutableArray<ReadOnlyMemory<byte>> tailHashes, CancellationToken cancellationToken);

    /// <summary>
    /// The newest audit events first, after (newer than) <paramref name="sinceMs"/>, at most 1,000. A read: repeat at
    /// will.
    /// </summary>
    [Alias("events")]
    [Repeatable]
    Task<ImmutableArray<ProjectEvent>> ReadEventsAsync(long sinceMs, CancellationToken cancellationToken);
}

/// <summary>How a change of an account ended.</summary>
[GenerateSerializer, Alias("vault.account-status")]
public enum AccountStatus
{
    /// <summary>Durable.</summary>
    Ok = 0,

    /// <summary>404.</summary>
    NotFound = 1,

    /// <summary>409: the id or unique e-mail exists with other content.</summary>
    Conflict = 2,

    /// <summary>409: something is left inside.</summary>
    NotEmpty = 3,

    /// <summary>403: a limit of the parent is reached.</summary>
    QuotaExceeded = 4,

    /// <summary>403: the parent is not active.</summary>
    NotActive = 5,
}

/// <summary>Life of a tenant or project.</summary>
[GenerateSerializer, Alias("vault.account-state")]
public enum AccountState
{
    /// <summary>Everything works.</summary>
    Active = 0,

    /// <summary>Reads and deletes only.</summary>
    ReadOnly = 1,

    /// <summary>Nothing works but deletion.</summary>
    Suspended = 2,

    /// <summary>Going away.</summary>
    Deleting = 3,
}

/// <summary>A new project with its first credentials; all key material is sealed.</summary>
[GenerateSerializer, Immutable, Alias("vault.create-project")]
public sealed record CreateProject
{
    /// <summary>The owner.</summary>
    [Id(0)] public required TenantId TenantId { get; init; }

    /// <summary>3 to 64 characters.</summary>
    [Id(1)] public required string Name { get; init; }

    /// <summary>Unique in the cluster.</summary>
    [Id(2)] public required string BillingEmail { get; init; }

    /// <summary>Limits.</summary>
    [Id(3)] public required ProjectQuota Quota { get; init; }

    /// <summary>True: the operator holds the key (managed); false: sealed.</summary>
    [Id(4)] public bool Managed { get; init; }

    /// <summary>Number of the project key, 1 at birth.</summary>
    [Id(5)] public required int KeyNo { get; init; }

    /// <summary>The project's X25519 public key.</summary>
    [Id(6)] public required ReadOnlyMemory<byte> PublicKey { get; init; }

    /// <summary>The owner's and the recovery credential.</summary>
    [Id(7)] public required ImmutableArray<NewCredential> Credentials { get; init; }

    /// <summary>The project's root token, as its list shows it; null in messages of older senders.</summary>
    [Id(8)] public NewToken? RootToken { get; init; }
}

/// <summary>A minted token, as lists show it.</summary>
[GenerateSerializer, Immutable, Alias("vault.new-token")]
public sealed record NewToken
{
    /// <summary>SHA-256 of the chain's last signature, 32 bytes: names the token and opens nothing.</summary>
    [Id(0)] public required ReadOnlyMemory<byte> TailHash { get; init; }

    /// <summary>Free text for people.</summary>
    [Id(1)] public required string Label { get; init; }

    /// <summary>Its end, Unix milliseconds; null = never.</summary>
    [Id(2)] public long? ExpiresMs { get; init; }
}

/// <summary>A minted token in a list; the token itself is kept nowhere.</summary>
[GenerateSerializer, Immutable, Alias("vault.issued-token")]
public sealed record IssuedToken
{
    /// <summary>SHA-256 of the chain's last signature.</summary>
    [Id(0)] public required ReadOnlyMemory<byte> TailHash { get; init; }

    /// <summary>Free text for people.</summary>
    [Id(1)] public required string Label { get; init; }

    /// <summary>Creation time, Unix milliseconds.</summary>
    [Id(2)] public required long CreatedMs { get; init; }

    /// <summary>Null = never.</summary>
    [Id(3)] public long? ExpiresMs { get; init; }

    /// <summary>When the token itself was revoked; null also when only one that it derives from was.</summary>
    [Id(4)] public long? RevokedMs { get; init; }
}

/// <summary>A project's limits; 0 means none.</summary>
[GenerateSerializer, Immutable, Alias("vault.project-quota")]
public sealed record ProjectQuota
{
    /// <summary>Plaintext bytes in all buckets.</summary>
    [Id(0)] public long StorageBytes { get; init; }

    /// <summary>Number of buckets, default 1,000.</summary>
    [Id(1)] public int Buckets { get; init; } = 1000;

    /// <summary>Requests per second.</summary>
    [Id(2)] public int RequestsPerSecond { get; init; }

    /// <summary>Bytes sent per month.</summary>
    [Id(3)] public long EgressBytesPerMonth { get; init; }
}

/// <summary>A change of a project; null members stay as they are.</summary>
[GenerateSerializer, Immutable, Alias("vault.update-project")]
public sealed record UpdateProject
{
    /// <summary>3 to 64 characters.</summary>
    [Id(0)] public string? Name { get; init; }

    /// <summary>Unique in the cluster.</summary>
    [Id(1)] public string? BillingEmail { get; init; }

    /// <summary>New state.</summary>
    [Id(2)] public AccountState? State { get; init; }

    /// <summary>New limits, whole.</summary>
    [Id(3)] public ProjectQuota? Quota { get; init; }
}

/// <summary>A project.</summary>
[GenerateSerializer, Immutable, Alias("vault.project-view")]
public sealed record ProjectView
{
    /// <summary>Its id.</summary>
    [Id(0)] public required ProjectId ProjectId { get; init; }

    /// <summary>Its owner.</summary>
    [Id(1)] public required TenantId TenantId { get; init; }

    /// <summary>Its name.</summary>
    [Id(2)] public required string Name { get; init; }

    /// <summary>Its billing address.</summary>
    [Id(3)] public required string BillingEmail { get; init; }

    /// <summary>Its state.</summary>
    [Id(4)] public required AccountState State { get; init; }

    /// <summary>Its limits.</summary>
    [Id(5)] public required ProjectQuota Quota { get; init; }

    /// <summary>True: managed; false: sealed.</summary>
    [Id(6)] public required bool Managed { get; init; }

    /// <summary>Number of the current project key.</summary>
    [Id(7)] public required int KeyNo { get; init; }

    /// <summary>X25519 public key.</summary>
    [Id(8)] public required ReadOnlyMemory<byte> PublicKey { get; init; }

    /// <summary>Creation time, Unix milliseconds.</summary>
    [Id(9)] public required long CreatedMs { get; init; }
}

/// <summary>Something that happened to a project.</summary>
[GenerateSerializer, Immutable, Alias("vault.project-event")]
public sealed record ProjectEvent
{
    /// <summary>Unix milliseconds.</summary>
    [Id(0)] public required long AtMs { get; init; }

    /// <summary>What, from a closed set such as <c>credential.created</c>.</summary>
    [Id(1)] public required string Kind { get; init; }

    /// <summary>To which id.</summary>
    [Id(2)] public required string Subject { get; init; }
}
