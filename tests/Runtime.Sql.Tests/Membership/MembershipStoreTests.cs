using System.Net;
using Vault.Runtime.Activation;
using Vault.Runtime.Ownership;
using Vault.Runtime.Sql.Membership;
using Vault.Sql;
using Vault.Sql.Tests;

namespace Vault.Runtime.Sql.Tests.Membership;

public sealed class MembershipStoreTests(Databases databases)
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory, OnBoth]
    public async Task A_silo_that_joins_is_read_as_it_was_written(SqlKind kind)
    {
        await using var database = await OpenAsync(kind);
        var store = new SqlMembershipStore(database);
        var empty = await store.ReadAsync(-1, None);

        Assert.True(await store.JoinAsync(new ViewStep(0, 1, 77, 0), Silo(1), null, None));

        var cluster = await store.ReadAsync(-1, None);
        var silo = Assert.Single(cluster.Silos);
        Assert.Equal((0, 0), (empty.Current.Number, empty.Revision));
        Assert.NotEmpty(cluster.System);
        Assert.Equal(empty.System, cluster.System);
        Assert.Equal(new StoredView(1, 77), cluster.Current);
        Assert.Equal((Address(1), "silo 1", "process 1", 3), (silo.Address, silo.Name, silo.Process, silo.Weight));
        Assert.Equal((1, 1, 0), (silo.Joined, silo.Acknowledged, silo.Renewals));
        Assert.Equal((null, null, false, false), (silo.Leaving, silo.Gone, silo.Retired, silo.Ended));
        var advert = Assert.Single(silo.Adverts!);
        Assert.Equal(("type", "Class"), (advert.GrainType, advert.ClassName));
        Assert.Equal(["IOne", "ITwo"], advert.Interfaces);
        Assert.Null(Assert.Single((await store.ReadAsync(cluster.Revision, None)).Silos).Adverts);
    }

    [Theory, OnBoth]
    public async Task A_view_is_made_only_out_of_the_one_that_was_read(SqlKind kind)
    {
        await using var database = await OpenAsync(kind);
        var store = new SqlMembershipStore(database);
        Assert.True(await store.JoinAsync(new ViewStep(0, 1, 1, 0), Silo(1), null, None));

        Assert.False(await store.JoinAsync(new ViewStep(0, 1, 2, 0), Silo(2), null, None));
        Assert.False(await store.LeaveAsync(new ViewStep(0, 1, 3, 0), Address(1), None));
        Assert.False(await store.RemoveAsync(
            new ViewStep(0, 1, 4, 0), [new Removal(Address(1), RemovalCondition.Unchanged, 0)], None));

        var cluster = await store.ReadAsync(-1, None);
        Assert.Equal(new StoredView(1, 1), cluster.Current);
        Assert.Null(Assert.Single(cluster.Silos).Gone);
    }

    [Theory, OnBoth]
    public async Task A_silo_is_removed_only_when_its_renewals_are_as_many_as_were_read(SqlKind kind)
    {
        await using var database = await OpenAsync(kind);
        var store = new SqlMembershipStore(database);
        await JoinAsync(store, 1, 2);
        Assert.Equal(1, await store.RenewAsync(Address(2), None));
        Assert.Equal(2, await store.RenewAsync(Address(2), None));

        Assert.False(await store.RemoveAsync(
            new ViewStep(2, 3, 9, 0), [new Removal(Address(2), RemovalCondition.Unchanged, 1)], None));
        Assert.True(await store.RemoveAsync(
            new ViewStep(2, 3, 9, 0), [new Removal(Address(2), RemovalCondition.Unchanged, 2)], None));

        Assert.Null(await store.RenewAsync(Address(2), None));
        Assert.False(await store.AcknowledgeAsync(Address(2), 3, None));
        var gone = (await store.ReadAsync(-1, None)).Silos.Single(s => s.Address.Equals(Address(2)));
        Assert.Equal((3, false), (gone.Gone, gone.Retired));
    }

    [Theory, OnBoth]
    public async Task A_leaver_goes_once_it_has_acknowledged_and_is_retired(SqlKind kind)
    {
        await using var database = await OpenAsync(kind);
        var store = new SqlMembershipStore(database);
        await JoinAsync(store, 1, 2);
        Assert.True(await store.LeaveAsync(new ViewStep(2, 3, 9, 0), Address(2), None));
        Removal[] left = [new Removal(Address(2), RemovalCondition.Left, 0)];

        Assert.False(await store.RemoveAsync(new ViewStep(3, 4, 9, 0), left, None));
        Assert.True(await store.AcknowledgeAsync(Address(2), 3, None));
        Assert.False(await store.AcknowledgeAsync(Address(2), 3, None));
        Assert.True(await store.RemoveAsync(new ViewStep(3, 4, 9, 0), left, None));

        var silo = (await store.ReadAsync(-1, None)).Silos.Single(s => s.Address.Equals(Address(2)));
        Assert.Equal((3, 4, true), (silo.Leaving, silo.Gone, silo.Retired));
    }

    [Theory, OnBoth]
    public async Task A_process_that_was_reaped_renews_nothing_and_is_removed_at_once(SqlKind kind)
    {
        await using var database = await OpenAsync(kind);
        var store = new SqlMembershipStore(database);
        await JoinAsync(store, 1, 2);
        Removal[] ended = [new Removal(Address(2), RemovalCondition.Ended, 0)];
        Assert.False(await store.RemoveAsync(new ViewStep(2, 3, 9, 0), ended, None));

        Assert.Equal(1, await store.EndLeaseAsync("process 2", None));
        Assert.Equal(0, await store.EndLeaseAsync("process 2", None));

        Assert.Null(await store.RenewAsync(Address(2), None));
        Assert.Equal(1, await store.RenewAsync(Address(1), None));
        Assert.True(await store.RemoveAsync(new ViewStep(2, 3, 9, 0), ended, None));
    }

    [Theory, OnBoth]
    public async Task A_new_generation_takes_the_place_of_the_one_before_in_one_view(SqlKind kind)
    {
        await using var database = await OpenAsync(kind);
        var store = new SqlMembershipStore(database);
        await JoinAsync(store, 1, 2);

        Assert.True(await store.JoinAsync(new ViewStep(2, 9, 5, 40), Silo(3), Address(2), None));

        var cluster = await store.ReadAsync(-1, None);
        Assert.Equal((9, 40), (cluster.Current.Number, cluster.Revision));
        Assert.Equal(9, cluster.Silos.Single(s => s.Address.Equals(Address(2))).Gone);
        Assert.Equal((9, 9), cluster.Silos.Where(s => s.Address.Equals(Address(3)))
            .Select(s => (s.Joined, s.Acknowledged)).Single());
    }

    [Theory, OnBoth]
    public async Task Views_and_silos_that_no_member_needs_are_forgotten(SqlKind kind)
    {
        await using var database = await OpenAsync(kind);
        var store = new SqlMembershipStore(database);
        await JoinAsync(store, 1, 2, 3);
        Assert.True(await store.RemoveAsync(
            new ViewStep(3, 4, 9, 0), [new Removal(Address(3), RemovalCondition.Unchanged, 0)], None));
        Assert.Equal([1, 2, 3, 4], (await store.ReadAsync(-1, None)).Views.Select(v => v.Number));

        await store.AcknowledgeAsync(Address(1), 4, None);
        await store.AcknowledgeAsync(Address(2), 4, None);
        Assert.True(await store.JoinAsync(new ViewStep(4, 5, 9, 0), Silo(4), null, None));

        var cluster = await store.ReadAsync(-1, None);
        Assert.Equal([4, 5], cluster.Views.Select(v => v.Number));
        Assert.Equal([Address(1), Address(2), Address(4)], cluster.Silos.Select(s => s.Address));
    }

    [Fact]
    public async Task Of_many_that_race_for_one_view_one_wins()
    {
        await using var database = await OpenAsync(SqlKind.Postgres);
        var store = new SqlMembershipStore(database);
        var won = await Task.WhenAll(Enumerable.Range(1, 16)
            .Select(i => store.JoinAsync(new ViewStep(0, 1, i, 0), Silo(i), null, None)));
        Assert.Single(won, w => w);
        Assert.Single((await store.ReadAsync(-1, None)).Silos);
    }

    private static async Task JoinAsync(SqlMembershipStore store, params int[] silos)
    {
        foreach (var (i, silo) in silos.Index())
        {
            Assert.True(await store.JoinAsync(new ViewStep(i, i + 1, 100 + i, 0), Silo(silo), null, None));
        }
    }

    private static SiloAddress Address(int number) => SiloAddress.New(IPAddress.Loopback, 1000 + number, number);

    private static StoredSilo Silo(int number) => new()
    {
        Address = Address(number), Name = $"silo {number}", Process = $"process {number}", Weight = 3,
        Adverts = [new GrainAdvert("type", "Class", ["IOne", "ITwo"])],
    };

    private async Task<Database> OpenAsync(SqlKind kind)
    {
        var database = await databases.OpenEmptyAsync(kind);
        await database.MigrateAsync([RuntimeSqlServices.Migrations]);
        return database;
    }
}
