using Vault.Sql.Migrations;

namespace Vault.Sql.Tests;

public sealed class MigrationTests(Databases databases)
{
    private const string First = "create table one (id {bigint} not null primary key, name {text});";
    private const string Second =
        "create table two (id {blob} not null primary key) {without_rowid};\ninsert into one values (1, 'x');";

    [Theory, OnBoth]
    public async Task Migrations_are_applied_once_and_in_order(SqlKind kind)
    {
        await using var database = await databases.OpenEmptyAsync(kind);
        await database.MigrateAsync([Module(First)]);
        await database.MigrateAsync([Module(First, Second)]);
        await database.MigrateAsync([Module(First, Second)]);
        Assert.Equal([1], await database.QueryAsync(Count("one"), 0));
        Assert.Equal([2], await database.QueryAsync(Count("schema_migration"), 0));
    }

    [Theory, OnBoth]
    public async Task Modules_are_numbered_apart(SqlKind kind)
    {
        await using var database = await databases.OpenEmptyAsync(kind);
        var other = MigrationModule.Create("Other", [Parse("0001-three", "create table three (id {bigint})")]);
        await database.MigrateAsync([Module(First), other]);
        await database.MigrateAsync([other, Module(First, Second)]);
        Assert.Equal([3], await database.QueryAsync(Count("schema_migration"), 0));
    }

    [Theory, OnBoth]
    public async Task Changed_migration_is_refused_and_nothing_after_it_is_applied(SqlKind kind)
    {
        await using var database = await databases.OpenEmptyAsync(kind);
        await database.MigrateAsync([Module(First)]);
        var failure = await Assert.ThrowsAsync<SqlMigrationException>(
            () => database.MigrateAsync([Module(First + " ", Second)]));
        Assert.Contains("0001-step", failure.Message, StringComparison.Ordinal);
        Assert.Equal([1], await database.QueryAsync(Count("schema_migration"), 0));
    }

    [Theory, OnBoth]
    public async Task Line_endings_of_the_checkout_do_not_change_a_migration(SqlKind kind)
    {
        await using var database = await databases.OpenEmptyAsync(kind);
        await database.MigrateAsync([Module(First, Second)]);
        await database.MigrateAsync([Module(First, Second.ReplaceLineEndings("\r\n"))]);
        Assert.Equal([2], await database.QueryAsync(Count("schema_migration"), 0));
    }

    [Theory, OnBoth]
    public async Task Database_of_a_newer_version_is_refused(SqlKind kind)
    {
        await using var database = await databases.OpenEmptyAsync(kind);
        await database.MigrateAsync([Module(First, Second)]);
        var failure = await Assert.ThrowsAsync<SqlMigrationException>(() => database.MigrateAsync([Module(First)]));
        Assert.Contains("newer version", failure.Message, StringComparison.Ordinal);
    }

    [Theory, OnBoth]
    public async Task Failing_migration_leaves_no_trace_and_the_ones_before_it_stay(SqlKind kind)
    {
        await using var database = await databases.OpenEmptyAsync(kind);
        var broken = "create table half (id {bigint});\ninsert into missing values (1);";
        await Assert.ThrowsAsync<SqlMigrationException>(() => database.MigrateAsync([Module(First, broken)]));
        Assert.Equal([0], await database.QueryAsync(Count("one"), 0));
        await Assert.ThrowsAnyAsync<SqlException>(() => database.QueryAsync(Count("half"), 0));
        await database.MigrateAsync([Module(First, Second)]);
        Assert.Equal([1], await database.QueryAsync(Count("one"), 0));
    }

    [Theory, OnBoth]
    public async Task Starters_at_the_same_time_apply_each_migration_once(SqlKind kind)
    {
        await using var database = await databases.OpenEmptyAsync(kind);
        await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => Task.Run(() => database.MigrateAsync([Module(First, Second)]))));
        Assert.Equal([1], await database.QueryAsync(Count("one"), 0));
        Assert.Equal([2], await database.QueryAsync(Count("schema_migration"), 0));
    }

    [Theory, OnBoth]
    public async Task Migration_for_one_kind_is_recorded_everywhere_and_run_on_that_kind_only(SqlKind kind)
    {
        await using var database = await databases.OpenEmptyAsync(kind);
        var module = MigrationModule.Create("Tests",
        [
            Parse("0001-one", First),
            Parse("0002-of-postgres.postgres", "create table mine (id integer); do $$ begin perform 1; end $$;"),
            Parse("0003-of-sqlite.sqlite", "create table mine (id integer); pragma user_version = 7;"),
            Parse("0004-all", "insert into mine values (4);"),
        ]);
        await database.MigrateAsync([module]);
        await database.MigrateAsync([module]);
        Assert.Equal([1], await database.QueryAsync(Count("mine"), 0));
        Assert.Equal(
            ["1 one", "2 of-postgres", "3 of-sqlite", "4 all"], await database.QueryAsync(Recorded("Tests"), 0));
    }

    [Theory, OnBoth]
    public async Task Renamed_module_goes_on_where_it_was(SqlKind kind)
    {
        await using var database = await databases.OpenEmptyAsync(kind);
        var neighbour = MigrationModule.Create("Neighbour", [Parse("0001-three", "create table three (id {bigint})")]);
        await database.MigrateAsync([neighbour, Named("Former's", First)]);
        await database.MigrateAsync([neighbour, Named("Present's", First)]);
        await database.MigrateAsync([neighbour, Named("Present's", First, Second)]);
        await database.MigrateAsync([neighbour, Named("Present's", First, Second)]);
        Assert.Equal([1], await database.QueryAsync(Count("one"), 0));
        Assert.Empty(await database.QueryAsync(Recorded("Former''s"), 0));
        Assert.Equal(["1 step", "2 step"], await database.QueryAsync(Recorded("Present''s"), 0));
        Assert.Equal(["1 three"], await database.QueryAsync(Recorded("Neighbour"), 0));
    }

    [Theory, OnBoth]
    public async Task Refused_migration_leaves_a_renamed_module_to_the_former_program(SqlKind kind)
    {
        await using var database = await databases.OpenEmptyAsync(kind);
        await database.MigrateAsync([Named("Former", First)]);
        await Assert.ThrowsAsync<SqlMigrationException>(
            () => database.MigrateAsync([Named("Present", First, "insert into missing values (1);")]));
        await Assert.ThrowsAsync<SqlMigrationException>(
            () => database.MigrateAsync([Named("Present", First + "\n", Second)]));
        await database.MigrateAsync([Named("Former", First, Second)]);
        Assert.Equal(["1 step", "2 step"], await database.QueryAsync(Recorded("Former"), 0));
    }

    [Theory, OnBoth]
    public async Task Module_that_is_present_is_nobodys_former_name(SqlKind kind)
    {
        await using var database = await databases.OpenEmptyAsync(kind);
        const string Empty = "select 1;";
        await database.MigrateAsync([Named("One", Empty)]);
        await database.MigrateAsync([Named("Two", Empty, First), Named("One", Empty)]);
        Assert.Equal(["1 step"], await database.QueryAsync(Recorded("One"), 0));
        Assert.Equal(["1 step", "2 step"], await database.QueryAsync(Recorded("Two"), 0));
    }

    [Fact]
    public void Gap_or_bad_name_is_refused()
    {
        Assert.Throws<SqlMigrationException>(() => MigrationModule.Create("M",
            [Parse("0001-a", First), Parse("0003-c", Second)]));
        Assert.Throws<SqlMigrationException>(() => MigrationModule.Create("M",
            [Parse("0001-a", First), Parse("0001-b", Second)]));
        Assert.Throws<SqlMigrationException>(() => Parse("1-a", First));
        Assert.Throws<SqlMigrationException>(() => Parse("x001-a", First));
        Assert.Throws<SqlMigrationException>(() => Parse("0001-a.mysql", First));
        Assert.Throws<SqlMigrationException>(() => Parse("0001-.sqlite", First));
        Assert.Throws<SqlMigrationException>(() => Parse("0001-a.b.sqlite", First));
    }

    [Fact]
    public void Assembly_gives_its_embedded_migrations()
    {
        var module = MigrationModule.Load(typeof(Databases).Assembly);
        Assert.Equal("Vault.Sql.Tests", module.Name);
        Assert.Equal(
            [(1L, "things"), (2L, "fence"), (3L, "pair"), (4L, "child")],
            module.Migrations.Select(m => (m.Number, m.Name)));
    }

    [Theory, OnBoth]
    public async Task Unknown_dialect_token_is_refused(SqlKind kind)
    {
        await using var database = await databases.OpenEmptyAsync(kind);
        var query = new SqlQuery<int, long>("select {nonsense}", (_, _) => { }, r => r.Bigint(0));
        var failure = await Assert.ThrowsAsync<ArgumentException>(() => database.QueryAsync(query, 0));
        Assert.Contains("{nonsense}", failure.Message, StringComparison.Ordinal);
    }

    private static MigrationModule Module(params string[] steps) => Named("Tests", steps);

    private static MigrationModule Named(string name, params string[] steps)
        => MigrationModule.Create(name, steps.Select((text, i) => Parse($"000{i + 1}-step", text)));

    private static Migration Parse(string name, string text) => MigrationModule.Parse(name, text);

    private static SqlQuery<int, string> Recorded(string module) => new(
        $"select number, name from schema_migration where module = '{module}' order by number",
        (_, _) => { }, r => $"{r.Bigint(0)} {r.Text(1)}");

    private static SqlQuery<int, long> Count(string table) =>
        new($"select count(*) from {table}", (_, _) => { }, r => r.Bigint(0));
}
