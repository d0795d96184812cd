using System.Globalization;
using System.Net;
using Npgsql;
using Vault.Sql.Orleans.Membership;
using Vault.Sql.Tests;

namespace Vault.Sql.Orleans.Tests;

/// <summary>Orleans' own table of members over our tables and queries.</summary>
public sealed class MembershipTableTests(Databases databases)
{
    private static readonly DateTime Now = new(2026, 3, 4, 5, 6, 7, 890, DateTimeKind.Utc);

    [Fact]
    public async Task Stored_queries_are_those_that_Orleans_reads()
    {
        await using var stores = await Stores.OpenAsync(databases);
        Assert.Equal(
            [
                "CleanupDefunctSiloEntriesKey", "CleanupDefunctSiloEntryKey", "ClearStorageKey",
                "DeleteMembershipTableEntriesKey", "DeleteReminderRowKey", "DeleteReminderRowsKey", "DeleteStorageKey",
                "GatewaysQueryKey", "InsertMembershipKey", "InsertMembershipVersionKey", "MembershipReadAllKey",
                "MembershipReadRowKey", "ReadFromStorageKey", "ReadRangeRows1Key", "ReadRangeRows2Key",
                "ReadReminderRowKey", "ReadReminderRowsKey", "UpdateIAmAlivetimeKey", "UpdateMembershipKey",
                "UpsertReminderRowKey", "WriteToStorageKey",
            ],
            await stores.RunAsync<string>("select QueryKey from OrleansQuery order by 1"));
    }

    [Fact]
    public async Task Table_begins_at_version_0_once()
    {
        await using var stores = await Stores.OpenAsync(databases);
        var tables = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => stores.MembershipAsync()));
        await InsertAsync(tables[0], Silo(1));
        var again = await stores.MembershipAsync();
        Assert.Equal((1, 1), await StateAsync(again));
        Assert.Equal((0, 0), await StateAsync(await stores.MembershipAsync("another cluster")));
    }

    [Fact]
    public async Task Silo_comes_back_as_it_went()
    {
        await using var stores = await Stores.OpenAsync(databases);
        var table = await stores.MembershipAsync();
        var silo = Silo(1, SiloStatus.Joining);
        await InsertAsync(table, silo);
        await InsertAsync(table, Silo(2));
        Equal(silo, Assert.Single((await table.ReadRowAsync(silo.SiloAddress)).Members).Item1);

        silo.Status = SiloStatus.Active;
        silo.IAmAliveTime = Now.AddMinutes(1);
        silo.SuspectTimes = [Tuple.Create(Address(2), Now), Tuple.Create(Address(3), Now.AddSeconds(1))];
        Assert.True(await UpdateAsync(table, silo));
        var all = await table.ReadAllAsync();
        Assert.Equal((3, "3", 2), (all.Version.Version, all.Version.VersionEtag, all.Members.Count));
        Equal(silo, all.Members.Single(m => m.Item1.SiloAddress.Equals(silo.SiloAddress)).Item1);

        var unknown = await table.ReadRowAsync(Address(1, generation: 8));
        Assert.Equal((3, 0), (unknown.Version.Version, unknown.Members.Count));
    }

    [Fact]
    public async Task Stale_version_changes_nothing()
    {
        await using var stores = await Stores.OpenAsync(databases);
        var table = await stores.MembershipAsync();
        var stale = (await table.ReadAllAsync()).Version;
        var silo = Silo(1);
        await InsertAsync(table, silo);

        Assert.False(await table.InsertRowAsync(Silo(2), stale.Next()));
        Assert.False(await table.InsertRowAsync(Silo(2), new TableVersion(3, "7")));
        silo.Status = SiloStatus.Dead;
        Assert.False(await table.UpdateRowAsync(silo, stale.VersionEtag, stale.Next()));
        var all = await table.ReadAllAsync();
        Assert.Equal((1, SiloStatus.Active), (all.Version.Version, Assert.Single(all.Members).Item1.Status));
    }

    [Fact]
    public async Task Silo_that_is_there_or_is_not_leaves_the_version_alone()
    {
        await using var stores = await Stores.OpenAsync(databases);
        var table = await stores.MembershipAsync();
        await InsertAsync(table, Silo(1));
        var version = (await table.ReadAllAsync()).Version;
        Assert.False(await table.InsertRowAsync(Silo(1, SiloStatus.Dead), version.Next()));
        Assert.False(await table.UpdateRowAsync(Silo(2), version.VersionEtag, version.Next()));
        Assert.False(await (await stores.MembershipAsync("no such cluster", initialise: false))
            .InsertRowAsync(Silo(1), new TableVersion(1, "0")));
        Assert.Equal((1, 1), await StateAsync(table));
        Assert.True(await table.InsertRowAsync(Silo(2), version.Next()));
    }

    [Fact]
    public async Task Sign_of_life_is_no_new_version()
    {
        await using var stores = await Stores.OpenAsync(databases);
        var table = await stores.MembershipAsync();
        var silo = Silo(1);
        await InsertAsync(table, silo);
        await InsertAsync(table, Silo(2));
        silo.IAmAliveTime = Now.AddSeconds(30);
        await table.UpdateIAmAliveAsync(silo);
        var all = await table.ReadAllAsync();
        Assert.Equal(2, all.Version.Version);
        Assert.Equal(
            [Now.AddSeconds(30), Now],
            all.Members.OrderBy(m => m.Item1.SiloAddress.Endpoint.Port).Select(m => m.Item1.IAmAliveTime));
    }

    [Fact]
    public async Task Of_inserts_over_one_version_exactly_one_succeeds()
    {
        await using var stores = await Stores.OpenAsync(databases);
        var table = await stores.MembershipAsync();
        for (var round = 0; round < 10; round++)
        {
            var next = (await table.ReadAllAsync()).Version.Next();
            var outcomes = await Task.WhenAll(Enumerable.Range(0, 8)
                .Select(i => Task.Run(() => table.InsertRowAsync(Silo((8 * round) + i + 1), next))));
            Assert.Single(outcomes, won => won);
            Assert.Equal((round + 1, round + 1), await StateAsync(table));
        }
    }

    [Fact]
    public async Task Of_eight_writers_each_takes_versions_of_its_own_and_readers_see_whole_changes()
    {
        const int Writers = 8, Changes = 12;
        await using var stores = await Stores.OpenAsync(databases);
        var table = await stores.MembershipAsync();
        using var written = new CancellationTokenSource();
        var reading = Task.Run(async () =>
        {
            while (!written.IsCancellationRequested)
            {
                var (version, members) = await StateAsync(table);
                Assert.Equal(Math.Min(version, Writers), members);
            }
        });

        // the first change of each is its silo's insertion; nobody goes on before all are in
        var taken = (await Task.WhenAll(Enumerable.Range(1, Writers).Select(i => Task.Run(
            () => TakeAsync(table, v => table.InsertRowAsync(Silo(i), v.Next())))))).ToList();
        var updates = await Task.WhenAll(Enumerable.Range(1, Writers).Select(i => Task.Run(async () =>
        {
            var mine = new List<int>();
            for (var change = 1; change < Changes; change++)
            {
                var silo = Silo(i);
                silo.SuspectTimes = [Tuple.Create(Address(change), Now)];
                mine.Add(await TakeAsync(table, v => table.UpdateRowAsync(silo, v.VersionEtag, v.Next())));
                await table.UpdateIAmAliveAsync(silo);
            }

            return mine;
        })));
        await written.CancelAsync();
        await reading;
        Assert.Equal(Enumerable.Range(1, Writers * Changes), taken.Concat(updates.SelectMany(u => u)).Order());
        Assert.Equal((Writers * Changes, Writers), await StateAsync(table));
    }

    [Fact]
    public async Task Gateways_are_active_silos_of_the_cluster_with_a_proxy_port()
    {
        await using var stores = await Stores.OpenAsync(databases);
        var table = await stores.MembershipAsync();
        await InsertAsync(table, Silo(1));
        await InsertAsync(table, Silo(2, SiloStatus.Joining));
        await InsertAsync(table, Silo(3, SiloStatus.Dead));
        var closed = Silo(4);
        closed.ProxyPort = 0;
        await InsertAsync(table, closed);
        await InsertAsync(await stores.MembershipAsync("another cluster"), Silo(5));
        Assert.Equal(
            [new Uri("gwy.tcp://127.0.0.1:30001/7")],
            await (await stores.GatewaysAsync()).GetGatewaysAsync());
    }

    [Fact]
    public async Task Entries_of_one_cluster_are_deleted_alone()
    {
        await using var stores = await Stores.OpenAsync(databases);
        var (table, other) = (await stores.MembershipAsync(), await stores.MembershipAsync("another cluster"));
        await InsertAsync(table, Silo(1));
        await InsertAsync(other, Silo(1));
        await table.DeleteMembershipTableEntriesAsync("cluster");
        Assert.Equal((1, 1), await StateAsync(other));
        Assert.Equal((0, 0), await StateAsync(await stores.MembershipAsync()));
    }

    [Fact]
    public async Task Clean_up_removes_the_dead_that_have_been_for_long_and_no_others()
    {
        await using var stores = await Stores.OpenAsync(databases);
        var table = await stores.MembershipAsync();
        var suspected = Silo(2, SiloStatus.Dead);
        var suspectedOfLate = Silo(3, SiloStatus.Dead);
        var aliveOfLate = Silo(4, SiloStatus.Dead);
        foreach (var silo in new[] { Silo(1, SiloStatus.Dead), suspected, suspectedOfLate, aliveOfLate, Silo(5) })
        {
            await InsertAsync(table, silo);
        }

        await InsertAsync(table, Silo(6, SiloStatus.Joining));
        suspected.SuspectTimes = [Tuple.Create(Address(5), Now)];
        suspectedOfLate.SuspectTimes = [Tuple.Create(Address(5), Now.AddDays(2))];
        aliveOfLate.IAmAliveTime = Now.AddDays(2);
        Assert.True(await UpdateAsync(table, suspected));
        Assert.True(await UpdateAsync(table, suspectedOfLate));
        await table.UpdateIAmAliveAsync(aliveOfLate);
        var before = (await table.ReadAllAsync()).Version;

        await table.CleanupDefunctSiloEntriesAsync(new DateTimeOffset(Now.AddDays(1)));
        var all = await table.ReadAllAsync();
        Assert.Equal(before, all.Version);
        Assert.Equal([3, 4, 5, 6], all.Members.Select(m => m.Item1.SiloAddress.Endpoint.Port).Order());
    }

    [Theory]
    [InlineData("nothing", true)]
    [InlineData("no suspicions as an empty text", true)]
    [InlineData("start_time = start_time + interval '1 microsecond'", false)]
    [InlineData("alive_time = alive_time + interval '1 microsecond'", false)]
    [InlineData("suspect_times = '127.0.0.1:5@7,2026-03-04 05:06:07.890 GMT'", false)]
    [InlineData("status = 3", false)]
    [InlineData("status = 5", false)]
    [InlineData("generation = 8", false)]
    public async Task Clean_up_of_a_row_that_has_changed_since_it_was_read_leaves_it(string change, bool goes)
    {
        await using var stores = await Stores.OpenAsync(databases);
        var table = await stores.MembershipAsync();
        await InsertAsync(table, Silo(1, SiloStatus.Dead));
        if (change.StartsWith("no suspicions", StringComparison.Ordinal))
        {
            await stores.RunAsync<int>("update orleans_silo set suspect_times = ''");
        }
        else if (change != "nothing")
        {
            await stores.RunAsync<int>("update orleans_silo set " + change);
        }

        // between the provider's reading and its deletion there is no way in: its query is run as it runs it
        var query = await stores.QueryTextAsync("CleanupDefunctSiloEntryKey");
        await stores.RunAsync<int>(
            query.Replace("@SuspectTimes", "@SuspectTimes::text", StringComparison.Ordinal),
            ("DeploymentId", "cluster"), ("Address", "127.0.0.1"), ("Port", 1), ("Generation", 7),
            ("SuspectTimes", null), ("StartTime", Now), ("IAmAliveTime", Now));
        Assert.Equal(goes ? 0 : 1, (await StateAsync(table)).Members);
    }

    [Fact]
    public async Task Old_clean_up_never_removes_active_silos()
    {
        await using var stores = await Stores.OpenAsync(databases);
        var table = await stores.MembershipAsync();
        await InsertAsync(table, Silo(1));
        await InsertAsync(table, Silo(2, SiloStatus.Dead));
        var query = await stores.QueryTextAsync("CleanupDefunctSiloEntriesKey");
        await stores.RunAsync<int>(query, ("DeploymentId", "cluster"), ("IAmAliveTime", Now));
        Assert.Equal((2, 2), await StateAsync(table));
        await stores.RunAsync<int>(query, ("DeploymentId", "cluster"), ("IAmAliveTime", Now.AddSeconds(1)));
        Assert.Equal((2, 1), await StateAsync(table));
        Assert.Single((await table.ReadRowAsync(Address(1))).Members);
    }

    [Fact]
    public async Task Silo_that_a_supervisor_declares_dead_is_dead_in_a_higher_version()
    {
        await using var stores = await Stores.OpenAsync(databases);
        var (table, other) = (await stores.MembershipAsync(), await stores.MembershipAsync("another cluster"));
        await InsertAsync(table, Silo(1));
        await InsertAsync(table, Silo(2));
        await InsertAsync(other, Silo(1));
        var earlier = Silo(1, SiloStatus.ShuttingDown);
        earlier.SiloAddress = Address(1, generation: 6);
        await InsertAsync(table, earlier);
        var stale = (await table.ReadAllAsync()).Version;

        Assert.Equal(7, await SiloMembership.NewestGenerationAsync(
            stores.Database, "cluster", IPAddress.Loopback, 1, default));
        Assert.Equal(0, await SiloMembership.NewestGenerationAsync(
            stores.Database, "cluster", IPAddress.Loopback, 9, default));
        Assert.False(await DeclareDeadAsync(stores, 1, after: 7));
        Assert.True(await DeclareDeadAsync(stores, 1, after: 5));
        var all = await table.ReadAllAsync();
        Assert.Equal(stale.Version + 1, all.Version.Version);
        Assert.All(all.Members, m => Assert.Equal(
            m.Item1.SiloAddress.Endpoint.Port == 1 ? SiloStatus.Dead : SiloStatus.Active, m.Item1.Status));
        Assert.Equal(SiloStatus.Active, Assert.Single((await other.ReadAllAsync()).Members).Item1.Status);
        Assert.False(await table.InsertRowAsync(Silo(3), stale.Next()));
        Assert.False(await table.UpdateRowAsync(Silo(1), stale.VersionEtag, stale.Next()));

        Assert.False(await DeclareDeadAsync(stores, 1));
        Assert.False(await DeclareDeadAsync(stores, 9));
        Assert.Equal((stale.Version + 1, 3), await StateAsync(table));
        Assert.True(await table.InsertRowAsync(Silo(3), all.Version.Next()));
    }

    [Fact]
    public async Task Declaration_sees_the_insertion_that_it_had_to_wait_for()
    {
        await using var stores = await Stores.OpenAsync(databases);
        var table = await stores.MembershipAsync();
        await using var connection = new NpgsqlConnection(stores.ConnectionString);
        await connection.OpenAsync();
        await using var inserting = await connection.BeginTransactionAsync();
        await using var insert = new NpgsqlCommand(await stores.QueryTextAsync("InsertMembershipKey"), connection);
        foreach (var (name, value) in new (string, object)[]
        {
            ("DeploymentId", "cluster"), ("Address", "127.0.0.1"), ("Port", 1), ("Generation", 7), ("SiloName", "s1"),
            ("HostName", "host"), ("Status", (int)SiloStatus.Active), ("ProxyPort", 30001), ("StartTime", Now),
            ("IAmAliveTime", Now), ("Version", 0),
        })
        {
            insert.Parameters.AddWithValue(name, value);
        }

        Assert.Equal(1, await insert.ExecuteScalarAsync());
        var declaring = DeclareDeadAsync(stores, 1);
        await stores.WaitForSessionAsync("wait_event_type = 'Lock'", declaring);
        await inserting.CommitAsync();
        Assert.True(await declaring);
        var all = await table.ReadAllAsync();
        Assert.Equal((2, SiloStatus.Dead), (all.Version.Version, Assert.Single(all.Members).Item1.Status));
    }

    private static async Task<bool> DeclareDeadAsync(Stores stores, int port, long after = 0)
        => await SiloMembership.DeclareDeadAsync(stores.Database, "cluster", IPAddress.Loopback, port, after, default)
            is not null;

    private static SiloAddress Address(int port, int generation = 7)
        => SiloAddress.New(IPAddress.Loopback, port, generation);

    private static MembershipEntry Silo(int port, SiloStatus status = SiloStatus.Active) => new()
    {
        SiloAddress = Address(port), Status = status, ProxyPort = 30000 + port, HostName = "host",
        SiloName = $"s{port}", StartTime = Now, IAmAliveTime = Now,
    };

    private static async Task InsertAsync(IMembershipTable table, MembershipEntry silo)
        => Assert.True(await table.InsertRowAsync(silo, (await table.ReadAllAsync()).Version.Next()));

    private static async Task<bool> UpdateAsync(IMembershipTable table, MembershipEntry silo)
    {
        var version = (await table.ReadAllAsync()).Version;
        return await table.UpdateRowAsync(silo, version.VersionEtag, version.Next());
    }

    /// <summary>Reads and changes until the change succeeds, as Orleans does.</summary>
    private static async Task<int> TakeAsync(IMembershipTable table, Func<TableVersion, Task<bool>> change)
    {
        while (true)
        {
            var version = (await table.ReadAllAsync()).Version;
            if (await change(version))
            {
                return version.Version + 1;
            }
        }
    }

    private static async Task<(int Version, int Members)> StateAsync(IMembershipTable table)
    {
        var all = await table.ReadAllAsync();
        Assert.Equal(all.Version.Version.ToString(CultureInfo.InvariantCulture), all.Version.VersionEtag);
        return (all.Version.Version, all.Members.Count);
    }

    private static void Equal(MembershipEntry expected, MembershipEntry actual)
    {
        Assert.Equal(expected.ToFullString(), actual.ToFullString());
        Assert.Equal(
            (expected.StartTime, expected.IAmAliveTime, DateTimeKind.Utc, expected.SiloName),
            (actual.StartTime, actual.IAmAliveTime, actual.StartTime.Kind, actual.SiloName));
    }
}
