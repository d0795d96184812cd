using System.Security.Cryptography;
using Vault.Grains.Abstractions.Accounts;
using Vault.Grains.Abstractions.Credentials;
using Vault.Grains.Abstractions.Usage;
using Vault.Protocol.Ids;
using Vault.Sql;

namespace Vault.Grains.Tests.Accounts;

public sealed class AccountTests(Databases databases)
{
    [Theory, OnBoth]
    public async Task Project_is_created_once_with_its_credentials(SqlKind kind)
    {
        await using var cluster = await Cluster.StartAsync(databases, kind);
        var tenant = await TenantAsync(cluster);
        var (owner, recovery) = (Credential("owner"), Credential("recovery") with { Recovery = true });
        var create = Seed.NewProject(tenant) with { Credentials = [owner, recovery] };
        var id = ProjectId.New();
        var project = cluster.Grains.GetGrain<IProjectGrain>(id.Value);

        Assert.Equal(AccountStatus.Ok, await project.CreateAsync(create, default));
        Assert.Equal(AccountStatus.Ok, await project.CreateAsync(create, default));
        Assert.Equal(AccountStatus.Conflict, await project.CreateAsync(create with { Name = "other" }, default));
        var second = cluster.Grains.GetGrain<IProjectGrain>(ProjectId.New().Value);
        Assert.Equal(AccountStatus.Conflict, await second.CreateAsync(create with { Credentials = [] }, default));
        Assert.Null(await second.ReadAsync(default));

        var view = await Resolver(cluster, owner).ResolveAsync(default);
        Assert.Equal(owner.Record.ToArray(), view!.Record.ToArray());
        var read = (await project.ReadAsync(default))!;
        Assert.Equal(read, view.Project with { PublicKey = read.PublicKey });
        Assert.Equal(1, view.ProjectKeys.Single().KeyNo);
        Assert.Equal("box"u8.ToArray(), view.ProjectKeys[0].Box.ToArray());
        Assert.False(view.Recovery);
        Assert.True((await Resolver(cluster, recovery).ResolveAsync(default))!.Recovery);
        var listed = await project.ListCredentialsAsync(default, 10, default);
        Assert.Equal(["owner", "recovery"], listed.Select(c => c.Label).Order());
        Assert.Single(await project.ListCredentialsAsync(listed[0].Lookup, 10, default));
    }

    [Theory, OnBoth]
    public async Task Tenant_without_room_or_that_is_suspended_takes_no_project(SqlKind kind)
    {
        await using var cluster = await Cluster.StartAsync(databases, kind);
        var tenant = await TenantAsync(cluster, projects: 2);
        var results = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => CreateAsync(cluster, tenant)));
        Assert.Equal(
            (2, 3), (results.Count(r => r == AccountStatus.Ok), results.Count(r => r == AccountStatus.QuotaExceeded)));

        var grain = cluster.Grains.GetGrain<ITenantGrain>(tenant.Value);
        Assert.Equal(AccountStatus.Ok, await grain.UpdateAsync(AccountState.Suspended, null, default));
        Assert.Equal(AccountStatus.NotActive, await CreateAsync(cluster, tenant));
        Assert.Equal(AccountStatus.NotFound, await CreateAsync(cluster, TenantId.New()));
        Assert.Equal(AccountStatus.NotEmpty, await grain.DeleteAsync(default));
        var lists = cluster.Grains.GetGrain<IAccountListGrain>(0);
        foreach (var project in await lists.ListProjectsAsync(tenant, "", 10, default))
        {
            Assert.Equal(
                AccountStatus.Ok,
                await cluster.Grains.GetGrain<IProjectGrain>(project.ProjectId.Value).DeleteAsync(default));
        }

        Assert.Equal(AccountStatus.Ok, await grain.DeleteAsync(default));
        Assert.Equal(AccountStatus.Ok, await grain.DeleteAsync(default));
        Assert.Empty(await lists.ListTenantsAsync("", 10, default));
    }

    [Theory, OnBoth]
    public async Task Project_is_changed_deleted_only_when_empty_and_takes_its_credentials_along(SqlKind kind)
    {
        await using var cluster = await Cluster.StartAsync(databases, kind);
        var id = await cluster.ProjectAsync();
        var project = cluster.Grains.GetGrain<IProjectGrain>(id.Value);
        var credential = Credential("late");
        Assert.Equal(AccountStatus.Ok, await project.AddCredentialAsync(credential, default));
        Assert.Equal(AccountStatus.Ok, await project.AddCredentialAsync(credential, default));
        Assert.Equal(
            AccountStatus.Conflict,
            await project.AddCredentialAsync(credential with { Record = new byte[] { 9 } }, default));
        var other =
            (await cluster.Grains.GetGrain<IProjectGrain>((await cluster.ProjectAsync()).Value).ReadAsync(default))!;
        Assert.Equal(
            AccountStatus.Conflict,
            await project.UpdateAsync(new UpdateProject { BillingEmail = other.BillingEmail }, default));
        Assert.Equal(AccountStatus.Ok, await project.UpdateAsync(new UpdateProject { Name = "renamed" }, default));
        Assert.Equal("renamed", (await project.ReadAsync(default))!.Name);

        await cluster.CreateBucketAsync("bucket", id);
        Assert.Equal(AccountStatus.NotEmpty, await project.DeleteAsync(default));
        Assert.Equal(AccountState.Active, (await project.ReadAsync(default))!.State);
        await cluster.Grains.GetGrain<Vault.Grains.Abstractions.Buckets.IBucketNameGrain>("bucket")
            .DeleteAsync(id, default);
        Assert.Equal(AccountStatus.Ok, await project.DeleteAsync(default));

        Assert.Null(await project.ReadAsync(default));
        Assert.Null(await Resolver(cluster, credential).ResolveAsync(default));
        var kinds = (await project.ReadEventsAsync(0, default)).Select(e => e.Kind).ToArray();
        Assert.Contains("project.deleted", kinds);
        Assert.Contains("bucket.created", kinds);
    }

    [Theory, OnBoth]
    public async Task Revoked_credential_and_revoked_tails_stay_revoked(SqlKind kind)
    {
        await using var cluster = await Cluster.StartAsync(databases, kind);
        var bucket = await cluster.BucketAsync();
        var project = cluster.Grains.GetGrain<IProjectGrain>(bucket.ProjectId.Value);
        var bucketKey = new BucketKeyBox { BucketId = bucket.BucketId, KeyNo = 1, Box = "bucket"u8.ToArray() };
        var credential = Credential("c") with { ProjectKeys = [], BucketKeys = [bucketKey], ExpiresMs = 77 };
        await project.AddCredentialAsync(credential, default);
        var grain = Resolver(cluster, credential);
        Assert.Equal(bucketKey.BucketId, (await grain.ResolveAsync(default))!.BucketKeys.Single().BucketId);

        Assert.True(await grain.RevokeAsync("lost", default));
        var revoked = (await grain.ResolveAsync(default))!;
        Assert.True(await grain.RevokeAsync("again", default));
        Assert.NotNull(revoked.RevokedMs);
        Assert.Equal((revoked.RevokedMs, 77L), ((await grain.ResolveAsync(default))!.RevokedMs, revoked.ExpiresMs));
        Assert.False(await Resolver(cluster, Credential("unknown")).RevokeAsync("x", default));

        var (tail, clean) = (RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(32));
        await project.RevokeTailAsync(tail, "leaked", default);
        await project.RevokeTailAsync(tail, "leaked", default);
        Assert.True(await project.AnyRevokedAsync([clean, tail], default));
        Assert.False(await project.AnyRevokedAsync([clean], default));
        Assert.False(await cluster.Grains.GetGrain<IProjectGrain>((await cluster.ProjectAsync()).Value).AnyRevokedAsync(
            [tail], default));
    }

    [Theory, OnBoth]
    public async Task Tokens_are_listed_by_tail_until_they_expire_and_revoked_in_their_project_only(SqlKind kind)
    {
        await using var cluster = await Cluster.StartAsync(databases, kind);
        var project = cluster.Grains.GetGrain<IProjectGrain>((await cluster.ProjectAsync()).Value);
        var other = cluster.Grains.GetGrain<IProjectGrain>((await cluster.ProjectAsync()).Value);
        var soon = cluster.Time.GetUtcNow().AddHours(1).ToUnixTimeMilliseconds();
        var tokens = Enumerable.Range(1, 3).Select(i => new NewToken
        {
            TailHash = new byte[32].Select(_ => (byte)i).ToArray(), Label = $"t{i}", ExpiresMs = i == 2 ? soon : null,
        }).ToArray();
        foreach (var token in tokens.Reverse()) await project.AddTokenAsync(token, default);
        await project.AddTokenAsync(tokens[0], default);

        Assert.Equal(["t1", "t2", "t3"], (await project.ListTokensAsync(default, 10, default)).Select(t => t.Label));
        Assert.Equal(["t2"], (await project.ListTokensAsync(tokens[0].TailHash, 1, default)).Select(t => t.Label));
        Assert.Empty(await other.ListTokensAsync(default, 10, default));
        Assert.False(await other.RevokeTokenAsync(tokens[0].TailHash, "x", default));
        Assert.True(await project.RevokeTokenAsync(tokens[0].TailHash, "x", default));
        Assert.True(await project.RevokeTokenAsync(tokens[0].TailHash, "x", default));
        Assert.True(await project.AnyRevokedAsync([tokens[0].TailHash], default));
        Assert.False(await other.AnyRevokedAsync([tokens[0].TailHash], default));
        Assert.NotNull((await project.ListTokensAsync(default, 1, default))[0].RevokedMs);

        if (kind == SqlKind.Sqlite)
        {
            cluster.Time.Advance(TimeSpan.FromHours(2));
            Assert.Equal(["t1", "t3"], (await project.ListTokensAsync(default, 10, default)).Select(t => t.Label));
            await project.AddTokenAsync(tokens[2], default);
            Assert.False(await project.RevokeTokenAsync(tokens[1].TailHash, "x", default));
        }
    }

    [Theory, OnBoth]
    public async Task Idempotency_key_is_claimed_once_answers_repeats_and_is_forgotten_after_a_day(SqlKind kind)
    {
        await using var cluster = await Cluster.StartAsync(databases, kind);
        var grain = cluster.Grains.GetGrain<IIdempotencyGrain>("scope/key");
        ReadOnlyMemory<byte> hash = new byte[] { 1 }, other = new byte[] { 2 };

        Assert.True((await grain.BeginAsync(hash, default)).Claimed);
        Assert.Equal(
            (false, true),
            ((await grain.BeginAsync(hash, default)).Claimed, (await grain.BeginAsync(hash, default)).Conflict));
        await grain.FinishAsync(201, "{}", secret: true, default);
        var replay = await grain.BeginAsync(hash, default);
        Assert.Equal(
            (false, false, 201, "{}", true),
            (replay.Claimed, replay.Conflict, replay.Status, replay.Body, replay.Secret));
        Assert.True((await grain.BeginAsync(other, default)).Conflict);

        if (kind == SqlKind.Sqlite)
        {
            cluster.Time.Advance(TimeSpan.FromHours(25));
            Assert.True((await grain.BeginAsync(other, default)).Claimed);
        }
    }

    [Theory, OnBoth]
    public async Task Traffic_report_counts_once(SqlKind kind)
    {
        await using var cluster = await Cluster.StartAsync(databases, kind);
        var bucket = await cluster.BucketAsync();
        await cluster.PutAsync(Seed.Put(bucket.BucketId, "k"));
        var usage = cluster.Grains.GetGrain<IUsageGrain>(bucket.ProjectId.Value);
        var report = new TrafficReport { ReportId = Guid.NewGuid(), Requests = 3, BytesIn = 10, BytesOut = 20 };
        await usage.ReportAsync(report, default);
        await usage.ReportAsync(report, default);
        await usage.ReportAsync(report with { ReportId = Guid.NewGuid() }, default);

        Assert.Equal(
            new ProjectUsage { Objects = 1, StoredBytes = 7, Requests = 6, BytesIn = 20, BytesOut = 40 },
            await usage.ReadAsync(default));
    }

    private static ICredentialGrain Resolver(Cluster cluster, NewCredential credential) =>
        cluster.Grains.GetGrain<ICredentialGrain>(Convert.ToHexStringLower(credential.Lookup.Span));

    private static NewCredential Credential(string label) => new()
    {
        Lookup = RandomNumberGenerator.GetBytes(32), Record = RandomNumberGenerator.GetBytes(200),
        MacaroonId = RandomNumberGenerator.GetBytes(21), Label = label,
        ProjectKeys = [new KeyBox { KeyNo = 1, Box = "box"u8.ToArray() }],
    };

    private static async Task<TenantId> TenantAsync(Cluster cluster, int projects = 0)
    {
        var tenant = TenantId.New();
        var create = new CreateTenant
        {
            Name = "t",
            OwnerEmail = "t@example.com",
            Limits = new TenantLimits { Projects = projects },
        };
        var grain = cluster.Grains.GetGrain<ITenantGrain>(tenant.Value);
        Assert.Equal(AccountStatus.Ok, await grain.CreateAsync(create, default));
        Assert.Equal(AccountStatus.Ok, await grain.CreateAsync(create, default));
        Assert.Equal(AccountStatus.Conflict, await grain.CreateAsync(create with { Name = "u" }, default));
        return tenant;
    }

    private static Task<AccountStatus> CreateAsync(Cluster cluster, TenantId tenant) =>
        cluster.Grains.GetGrain<IProjectGrain>(ProjectId.New().Value).CreateAsync(Seed.NewProject(tenant), default);
}
