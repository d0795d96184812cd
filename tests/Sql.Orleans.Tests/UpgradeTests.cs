using Npgsql;
using Vault.Sql.Migrations;
using Vault.Sql.Orleans.Reminders;
using Vault.Sql.Tests;

namespace Vault.Sql.Orleans.Tests;

/// <summary>Databases of the former release, whose engine and module had another name.</summary>
public sealed class UpgradeTests(Databases databases)
{
    private static readonly DateTime Start = new(2026, 3, 4, 5, 6, 7, 890, DateTimeKind.Utc);
    private static readonly MigrationModule Present = MigrationModule.Load(SqlOrleansServices.Migrations);

    private static readonly SqlQuery<int, string> Recorded = new(
        "select module, number, name from schema_migration order by number",
        (_, _) => { }, r => $"{r.Text(0)} {r.Bigint(1)} {r.Text(2)}");

    [Theory, OnBoth]
    public async Task Former_database_goes_on_under_the_present_name(SqlKind kind)
    {
        await using var stores = await OpenFormerAsync(kind);
        await new SqlReminderTable(stores.Database).UpsertRow(Reminder(1));
        await stores.Database.MigrateAsync([SqlOrleansServices.Migrations]);
        await stores.Database.MigrateAsync([SqlOrleansServices.Migrations]);
        Assert.Equal(
            [
                "Vault.Sql.Orleans 1 grain-state", "Vault.Sql.Orleans 2 membership", "Vault.Sql.Orleans 3 orleans",
                "Vault.Sql.Orleans 4 no-views",
            ],
            await stores.Database.QueryAsync(Recorded, 0));
        foreach (var table in (string[])["silo", "cluster_view", "cluster_state"])
        {
            await Assert.ThrowsAnyAsync<SqlException>(() => stores.Database.QueryAsync(Count(table), 0));
        }

        Assert.Equal([0], await stores.Database.QueryAsync(Count("grain_state"), 0));
        Assert.NotNull(await (await stores.RemindersAsync()).ReadRow(Reminder(1).GrainId, "tick"));
    }

    [Fact]
    public async Task Reminders_are_carried_over_and_found_by_their_hashes()
    {
        await using var stores = await OpenFormerAsync(SqlKind.Postgres);
        var former = new SqlReminderTable(stores.Database);
        for (var i = 0; i < 40; i++)
        {
            await former.UpsertRow(Reminder(i));
        }

        await stores.Database.MigrateAsync([SqlOrleansServices.Migrations]);
        var table = await stores.RemindersAsync();
        for (var i = 0; i < 40; i++)
        {
            var expected = Reminder(i);
            var read = await table.ReadRow(expected.GrainId, "tick");
            Assert.Equal((Start, DateTimeKind.Utc, expected.Period), (read!.StartAt, read.StartAt.Kind, read.Period));
            var hash = expected.GrainId.GetUniformHashCode();
            Assert.Equal(expected.GrainId, Assert.Single((await table.ReadRows(hash - 1, hash)).Reminders).GrainId);
        }

        var first = await table.ReadRow(Reminder(0).GrainId, "tick");
        Assert.True(await table.RemoveRow(first!.GrainId, "tick", first.ETag!));
        Assert.Equal(39, (await table.ReadRows(0, 0)).Reminders.Count);
    }

    [Fact]
    public async Task Silo_of_the_former_release_that_still_renews_stops_the_upgrade()
    {
        await using var stores = await OpenFormerAsync(SqlKind.Postgres);
        await new SqlReminderTable(stores.Database).UpsertRow(Reminder(1));
        await JoinAsync(stores, "10.0.0.1:5000@1");
        await JoinAsync(stores, "10.0.0.2:5000@1");
        using var stop = new CancellationTokenSource();
        var renewing = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                await stores.RunAsync<long>(
                    "update silo set renewals = renewals + 1 where address = '10.0.0.2:5000@1' returning renewals");
            }
        });
        var refusal = await Assert.ThrowsAsync<SqlMigrationException>(
            () => stores.Database.MigrateAsync([SqlOrleansServices.Migrations]));
        Assert.EndsWith(
            "silos of the former release still run: stop them all, then start this one", refusal.Message,
            StringComparison.Ordinal);
        await stop.CancelAsync();
        await renewing;
        Assert.Equal(
            ["Former 1 grain-state", "Former 2 membership"], await stores.Database.QueryAsync(Recorded, 0));
        Assert.Equal([2], await stores.Database.QueryAsync(Count("silo"), 0));

        // as it is after every silo was killed: rows of nobody, which count up no more
        await stores.Database.MigrateAsync([SqlOrleansServices.Migrations]);
        Assert.NotNull(await (await stores.RemindersAsync()).ReadRow(Reminder(1).GrainId, "tick"));
    }

    [Fact]
    public async Task Silo_of_the_former_release_that_joins_meanwhile_stops_the_upgrade()
    {
        await using var stores = await OpenFormerAsync(SqlKind.Postgres);
        await JoinAsync(stores, "10.0.0.1:5000@1");
        var migrating = stores.Database.MigrateAsync([SqlOrleansServices.Migrations]);
        await stores.WaitForSessionAsync("wait_event = 'PgSleep'", migrating);
        await JoinAsync(stores, "10.0.0.2:5000@1");
        await Assert.ThrowsAsync<SqlMigrationException>(() => migrating);
    }

    [Fact]
    public async Task Silos_that_have_left_or_ended_are_not_watched()
    {
        await using var stores = await OpenFormerAsync(SqlKind.Postgres);
        await JoinAsync(stores, "10.0.0.1:5000@1");
        await JoinAsync(stores, "10.0.0.2:5000@1");
        await stores.RunAsync<int>("update silo set gone = 3 where address = '10.0.0.1:5000@1'");
        await stores.RunAsync<int>("update silo set ended = true where address = '10.0.0.2:5000@1'");
        await using var connection = new NpgsqlConnection(stores.ConnectionString);
        await connection.OpenAsync();
        await using var renewing = await connection.BeginTransactionAsync();
        await using (var renew = new NpgsqlCommand("update silo set renewals = renewals + 1", connection))
        {
            await renew.ExecuteNonQueryAsync();
        }

        // without a moment of watching it waits for the lock that this transaction keeps from it
        var migrating = stores.Database.MigrateAsync([SqlOrleansServices.Migrations]);
        await stores.WaitForSessionAsync("wait_event_type = 'Lock'", migrating);
        await renewing.CommitAsync();
        await migrating;
    }

    [Theory, OnBoth]
    public async Task Program_of_the_former_release_does_not_start_on_a_present_database(SqlKind kind)
    {
        // It does not know the module's present name, so it begins with its first migration.
        await using var stores = await Stores.OpenAsync(databases, kind);
        var renumbered = MigrationModule.Create(
            "Former", [MigrationModule.Parse("0001-grain-state", Present.Migrations[0].Text + "\n")]);
        await Assert.ThrowsAsync<SqlMigrationException>(() => stores.Database.MigrateAsync([renumbered]));
    }

    private static ReminderEntry Reminder(int number) => new()
    {
        GrainId = GrainId.Create("reminded", $"grain/{number} ünï"), ReminderName = "tick", StartAt = Start,
        Period = TimeSpan.FromMinutes(5 + number),
    };

    private static SqlQuery<int, long> Count(string table) =>
        new($"select count(*) from {table}", (_, _) => { }, r => r.Bigint(0));

    private static async Task JoinAsync(Stores stores, string address) => await stores.RunAsync<int>(
        """
        insert into silo (address, name, process, weight, adverts, joined, retired, ended, renewals, acknowledged)
        values (@address, 'silo', 'process', 1, '\x80', 1, false, false, 5, 1)
        """,
        ("address", address));

    /// <summary>A database as the former release left it: the first two migrations, under another name.</summary>
    private async Task<Stores> OpenFormerAsync(SqlKind kind)
    {
        var stores = await Stores.OpenEmptyAsync(databases, kind);
        await stores.Database.MigrateAsync([MigrationModule.Create("Former", Present.Migrations.Take(2))]);
        return stores;
    }
}
