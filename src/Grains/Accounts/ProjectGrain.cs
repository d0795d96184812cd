using System.Collections.Immutable;
using Vault.Events.Bus;
using Vault.Grains.Abstractions.Accounts;
using Vault.Grains.Abstractions.Credentials;
using Vault.Grains.Buckets;
using Vault.Grains.Credentials;
using Vault.Grains.Store;
using Vault.Protocol.Ids;
using Vault.Sql;

namespace Vault.Grains.Accounts;

/// <summary>
/// One project with its credentials; each change is one conditional transaction, nothing is remembered.
/// </summary>
internal sealed class ProjectGrain(Database database, EventBus events) : Grain, IProjectGrain
{
    private const int MaxListed = 1000;
    private const int MaxTails = 65;

    private string Id => ProjectId.TryParse(this.GetPrimaryKeyString(), out var id)
        ? id.Value
        : throw new ArgumentException("A project grain is named by its project id.");

    public async Task<AccountStatus> CreateAsync(CreateProject create, CancellationToken cancellationToken)
    {
        if (await ReadAsync(cancellationToken) is { } existing)
        {
            return IsSame(existing, create) ? AccountStatus.Ok : AccountStatus.Conflict;
        }

        var tenant = create.TenantId.Value;
        var transaction = database.Begin();
        var active = transaction.Check(TenantTable.LockActive, tenant);
        var limit = transaction.Check(TenantTable.UnderLimit, tenant);
        transaction.Check(ProjectTable.Insert, new ProjectRow(Id, create));
        transaction.Check(ProjectTable.NeverDeleted, Id);
        foreach (var credential in create.Credentials)
        {
            CredentialTable.Add(transaction, Id, credential);
        }

        if (create.RootToken is { } root)
        {
            transaction.Execute(TokenTable.Insert, new TokenRow(Id, root));
        }

        transaction.Execute(EventTable.Insert, ProjectEventRow.New(Id, "project.created", Id));
        var failed = await transaction.SendAsync(cancellationToken);
        if (failed is null)
        {
            return AccountStatus.Ok;
        }

        if (await ReadAsync(cancellationToken) is { } made)
        {
            return IsSame(made, create) ? AccountStatus.Ok : AccountStatus.Conflict; // by the same call on another silo
        }

        if (failed.Index == limit)
        {
            return AccountStatus.QuotaExceeded;
        }

        if (failed.Index == active)
        {
            var known = await database.ReadFirstAsync(TenantTable.ById, tenant, cancellationToken);
            return known is null ? AccountStatus.NotFound : AccountStatus.NotActive;
        }

        return AccountStatus.Conflict;
    }

    public Task<ProjectView?> ReadAsync(CancellationToken cancellationToken) =>
        database.ReadFirstAsync(ProjectTable.ById, Id, cancellationToken);

    public async Task<AccountStatus> UpdateAsync(UpdateProject update, CancellationToken cancellationToken)
    {
        var transaction = database.Begin();
        transaction.Check(ProjectTable.Update, new ProjectChange(Id, update));
        if (update.Quota is not null)
        {
            transaction.Execute(BucketTable.DecideAnew, Id);
        }

        transaction.Execute(EventTable.Insert, ProjectEventRow.New(Id, "project.updated", Id));
        try
        {
            return await SendAsync(transaction, cancellationToken) is null ? AccountStatus.Ok : AccountStatus.NotFound;
        }
        catch (SqlConstraintException)
        {
            return AccountStatus.Conflict; // the e-mail is another project's
        }
    }

    public async Task<AccountStatus> DeleteAsync(CancellationToken cancellationToken)
    {
        var transaction = database.Begin(mayUseReserve: true);
        var exists = transaction.Check(ProjectTable.LockForDelete, Id);
        transaction.Check(ProjectTable.HasNoBucket, Id);
        foreach (var statement in ProjectTable.Delete)
        {
            transaction.Execute(statement, Id);
        }

        transaction.Execute(EventTable.Insert, ProjectEventRow.New(Id, "project.deleted", Id));
        var failed = await SendAsync(transaction, cancellationToken);
        return failed is null || failed.Index == exists ? AccountStatus.Ok : AccountStatus.NotEmpty;
    }

    public async Task<AccountStatus> AddCredentialAsync(NewCredential credential, CancellationToken cancellationToken)
    {
        if (await FindAsync(credential, cancellationToken) is { } known)
        {
            return known;
        }

        var transaction = database.Begin();
        var active = transaction.Check(CredentialTable.ShareActiveProject, Id);
        CredentialTable.Add(transaction, Id, credential);
        var failed = await transaction.SendAsync(cancellationToken);
        if (failed is null)
        {
            return AccountStatus.Ok;
        }

        return await FindAsync(credential, cancellationToken) is { } added ? added // by the same call on another silo
            : failed.Index != active ? AccountStatus.Conflict
            : await ReadAsync(cancellationToken) is null ? AccountStatus.NotFound
            : AccountStatus.NotActive;
    }

    public async Task<ImmutableArray<CredentialSummary>> ListCredentialsAsync(
        ReadOnlyMemory<byte> after, int limit, CancellationToken cancellationToken) =>
        [.. await database.ReadAsync(
            CredentialTable.List, new CredentialPage(Id, after, Math.Clamp(limit, 0, MaxListed)), cancellationToken)];

    public async Task RevokeTailAsync(ReadOnlyMemory<byte> tailHash, string reason, CancellationToken cancellationToken)
    {
        var transaction = database.Begin(mayUseReserve: true);
        transaction.Execute(ProjectTable.Revoke, new RevokedTail(Id, tailHash, reason));
        transaction.Execute(
            EventTable.Insert, ProjectEventRow.New(Id, "token.revoked", CredentialTable.ShortName(tailHash)));
        await SendAsync(transaction, cancellationToken);
    }

    public async Task AddTokenAsync(NewToken token, CancellationToken cancellationToken)
    {
        var transaction = database.Begin();
        transaction.Execute(TokenTable.DeleteExpired, Id);
        transaction.Execute(TokenTable.Insert, new TokenRow(Id, token));
        await transaction.SendAsync(cancellationToken);
    }

    public async Task<ImmutableArray<IssuedToken>> ListTokensAsync(
        ReadOnlyMemory<byte> after, int limit, CancellationToken cancellationToken) =>
        [.. await database.ReadAsync(
            TokenTable.List, new TokenPage(Id, after, Math.Clamp(limit, 0, MaxListed)), cancellationToken)];

    public async Task<bool> RevokeTokenAsync(
        ReadOnlyMemory<byte> tailHash, string reason, CancellationToken cancellationToken)
    {
        var tail = new RevokedTail(Id, tailHash, reason);
        var transaction = database.Begin(mayUseReserve: true);
        transaction.Check(TokenTable.Share, tail);
        transaction.Execute(ProjectTable.Revoke, tail);
        transaction.Execute(
            EventTable.Insert, ProjectEventRow.New(Id, "token.revoked", CredentialTable.ShortName(tailHash)));
        return await SendAsync(transaction, cancellationToken) is null;
    }

    public async Task<bool> AnyRevokedAsync(
        ImmutableArray<ReadOnlyMemory<byte>> tailHashes, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tailHashes.Length, MaxTails);
        var tails = new RevokedTail[tailHashes.Length];
        for (var i = 0; i < tails.Length; i++)
        {
            tails[i] = new RevokedTail(Id, tailHashes[i], "");
        }

        var reasons = await database.ReadEachAsync(ProjectTable.IsRevoked, tails, cancellationToken);
        return Array.Exists(reasons, static reason => reason is not null);
    }

    public async Task<ImmutableArray<ProjectEvent>> ReadEventsAsync(
        long sinceMs, CancellationToken cancellationToken) =>
        [.. await database.ReadAsync(EventTable.Since, new EventsSince(Id, sinceMs), cancellationToken)];

    /// <summary>Whether the lookup is this credential's or another's; null when it is free.</summary>
    private async Task<AccountStatus?> FindAsync(NewCredential credential, CancellationToken ct)
    {
        var stored = await database.ReadFirstAsync(CredentialTable.ByLookup, credential.Lookup, ct);
        return stored is null ? null
            : stored.Project.ProjectId.Value == Id && stored.Record.Span.SequenceEqual(credential.Record.Span)
                ? AccountStatus.Ok
            : AccountStatus.Conflict;
    }

    /// <summary>Commits, and says that what was read of the project's credentials is void.</summary>
    private async Task<SqlCheckFailedException?> SendAsync(
        SqlTransaction transaction, CancellationToken cancellationToken)
    {
        var number = CredentialFeedTable.Add(transaction, CredentialScope.Project, Id);
        var failed = await transaction.SendAsync(cancellationToken);
        if (failed is null) events.Publish(EventChannel.Credentials, number.Rows[0]);
        return failed;
    }

    private static bool IsSame(ProjectView existing, CreateProject create) =>
        existing.TenantId == create.TenantId && existing.Name == create.Name
        && existing.BillingEmail == create.BillingEmail
        && existing.PublicKey.Span.SequenceEqual(create.PublicKey.Span);
}
