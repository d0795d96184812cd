namespace Vault.Sql.Tests;

public sealed class TransactionTests(Databases databases)
{
    [Theory, OnBoth]
    public async Task Commit_makes_every_statement_visible(SqlKind kind)
    {
        await using var database = await databases.OpenAsync(kind);
        var transaction = database.Begin();
        Assert.Equal(0, transaction.Execute(Things.Insert, (1, "one")));
        Assert.Equal(1, transaction.Execute(Things.Insert, (2, null)));
        await transaction.CommitAsync();

        Assert.Equal([new(1, "one", 1), new Thing(2, null, 1)], await database.QueryAsync(Things.From, 0));
    }

    [Theory, OnBoth]
    public async Task Nothing_is_visible_before_commit(SqlKind kind)
    {
        await using var database = await databases.OpenAsync(kind);
        database.Begin().Execute(Things.Insert, (1, "one"));
        Assert.Equal(0, await database.CountAsync());
    }

    [Theory, OnBoth]
    public async Task Check_that_yields_no_row_changes_nothing_and_names_itself(SqlKind kind)
    {
        await using var database = await databases.OpenAsync(kind);
        await database.InsertAsync(1, "one");

        var transaction = database.Begin();
        transaction.Check(Things.Exists, 1);
        transaction.Execute(Things.Insert, (2, "two"));
        var guard = transaction.Check(Things.HasVersion, (1, 7));
        transaction.Execute(Things.Insert, (3, "three"));
        var failure = await Assert.ThrowsAsync<SqlCheckFailedException>(async () => await transaction.CommitAsync());

        Assert.Equal(2, guard);
        Assert.Equal(guard, failure.Index);
        Assert.Equal(1, await database.CountAsync());
    }

    [Theory, OnBoth]
    public async Task Check_accepts_several_rows(SqlKind kind)
    {
        await using var database = await databases.OpenAsync(kind);
        await database.InsertAsync(1, "one");
        await database.InsertAsync(2, "two");
        var all = new SqlStatement<long>(
            "select id from thing where id >= @id for share", (p, id) => p.Bigint("id", id));
        var transaction = database.Begin();
        transaction.Check(all, 0);
        transaction.Execute(Things.Insert, (3, "three"));
        await transaction.CommitAsync();
        Assert.Equal(3, await database.CountAsync());
    }

    [Theory, OnBoth]
    public async Task Check_may_be_a_change_that_returns_a_row(SqlKind kind)
    {
        await using var database = await databases.OpenAsync(kind);
        await database.InsertAsync(1, "one");

        var first = database.Begin();
        first.Check(Things.Change, (1, "changed"));
        await first.CommitAsync();
        Assert.Equal(new(1, "changed", 2), await database.GetAsync(1));

        var second = database.Begin();
        second.Execute(Things.Insert, (5, "five"));
        second.Check(Things.Change, (9, "nobody"));
        var failure = await Assert.ThrowsAsync<SqlCheckFailedException>(async () => await second.CommitAsync());
        Assert.Equal(1, failure.Index);
        Assert.Null(await database.GetAsync(5));
    }

    [Theory, OnBoth]
    public async Task Check_sees_the_changes_of_its_own_transaction(SqlKind kind)
    {
        await using var database = await databases.OpenAsync(kind);
        var transaction = database.Begin();
        transaction.Execute(Things.Insert, (1, "one"));
        transaction.Check(Things.Exists, 1);
        transaction.Execute(Things.Delete, 1);
        transaction.Execute(Things.Insert, (1, "again"));
        await transaction.CommitAsync();
        Assert.Equal("again", (await database.GetAsync(1))?.Value);
    }

    [Theory, OnBoth]
    public async Task Query_in_a_transaction_is_readable_after_commit_only(SqlKind kind)
    {
        await using var database = await databases.OpenAsync(kind);
        await database.InsertAsync(1, "one");
        var transaction = database.Begin();
        var version = transaction.Query(Things.Upsert, (1, "changed"));
        var fresh = transaction.Query(Things.Upsert, (2, "new"));
        var all = transaction.Query(Things.From, 0);
        Assert.Throws<InvalidOperationException>(() => version.Rows);
        await transaction.CommitAsync();

        Assert.Equal([2], version.Rows);
        Assert.Equal([1], fresh.Rows);
        Assert.Equal([new(1, "changed", 2), new Thing(2, "new", 1)], all.Rows);
    }

    [Theory, OnBoth]
    public async Task Rows_of_changes_and_checks_are_not_mixed_up_with_those_of_queries(SqlKind kind)
    {
        await using var database = await databases.OpenAsync(kind);
        await database.InsertAsync(1, "one");
        for (var round = 0; round < 3; round++)
        {
            var transaction = database.Begin();
            transaction.Execute(Things.Change, (1, "executed with returning"));
            transaction.Check(Things.Exists, 1);
            transaction.Execute(Things.Exists, 1);
            var first = transaction.Query(Things.Get, 1);
            transaction.Execute(Things.Insert, (10 + round, "plain"));
            transaction.Check(Things.Change, (1, "checked"));
            var second = transaction.Query(Things.Get, 1);
            transaction.Execute(Things.Change, (1, "last"));
            await transaction.CommitAsync();
            Assert.Equal([new Thing(1, "executed with returning", (round * 3) + 2)], first.Rows);
            Assert.Equal([new Thing(1, "checked", (round * 3) + 3)], second.Rows);
        }
    }

    [Theory, OnBoth]
    public async Task Constraint_violation_changes_nothing(SqlKind kind)
    {
        await using var database = await databases.OpenAsync(kind);
        await database.InsertAsync(1, "one");
        var transaction = database.Begin();
        transaction.Execute(Things.Insert, (2, "two"));
        transaction.Execute(Things.Insert, (1, "duplicate"));
        await Assert.ThrowsAsync<SqlConstraintException>(async () => await transaction.CommitAsync());
        Assert.Equal([new Thing(1, "one", 1)], await database.QueryAsync(Things.From, 0));
    }

    [Theory, OnBoth]
    public async Task Reference_to_a_missing_row_changes_nothing(SqlKind kind)
    {
        await using var database = await databases.OpenAsync(kind);
        var insert = new SqlStatement<(long Id, long Parent)>(
            "insert into child (id, parent) values (@id, @parent)",
            static (p, a) =>
            {
                p.Bigint("id", a.Id);
                p.Bigint("parent", a.Parent);
            });
        var orphan = database.Begin();
        orphan.Execute(Things.Insert, (1, "one"));
        orphan.Execute(insert, (1, 2));
        await Assert.ThrowsAsync<SqlConstraintException>(async () => await orphan.CommitAsync());
        Assert.Empty(await database.QueryAsync(Things.From, 0));

        var family = database.Begin();
        family.Execute(Things.Insert, (1, "one"));
        family.Execute(insert, (1, 1));
        await family.CommitAsync();
    }

    [Theory, OnBoth]
    public async Task Bad_sql_fails_its_transaction_and_the_database_goes_on(SqlKind kind)
    {
        await using var database = await databases.OpenAsync(kind);
        var nonsense = new SqlStatement<int>("update nothing set x = 1", (_, _) => { });
        var transaction = database.Begin();
        transaction.Execute(Things.Insert, (1, "one"));
        transaction.Execute(nonsense, 0);
        await Assert.ThrowsAnyAsync<SqlException>(async () => await transaction.CommitAsync());
        await database.InsertAsync(2, "two");
        Assert.Equal([new Thing(2, "two", 1)], await database.QueryAsync(Things.From, 0));
    }

    [Theory, OnBoth]
    public async Task Binder_that_forgets_a_parameter_is_refused(SqlKind kind)
    {
        await using var database = await databases.OpenAsync(kind);
        await database.InsertAsync(1, "one");
        var forgetful = new SqlStatement<long>(
            "insert into thing (id, value) values (@id, @value)", (p, id) => p.Bigint("id", id));
        var transaction = database.Begin();
        transaction.Execute(forgetful, 2);
        var failure = await Assert.ThrowsAsync<SqlException>(async () => await transaction.CommitAsync());
        Assert.Contains("@value", failure.Message, StringComparison.Ordinal);
        Assert.Equal(1, await database.CountAsync());
    }

    [Theory, OnBoth]
    public async Task Binder_that_throws_fails_only_its_own_transaction(SqlKind kind)
    {
        await using var database = await databases.OpenAsync(kind);
        var broken = new SqlStatement<long>(
            "insert into thing (id) values (@id)", (_, _) => throw new FormatException("no"));
        var commits = Enumerable.Range(0, 40).Select(i =>
        {
            var transaction = database.Begin();
            transaction.Execute(Things.Insert, (i, "value"));
            if (i % 4 == 0)
            {
                transaction.Execute(broken, i);
            }

            return transaction.CommitAsync().AsTask();
        }).ToArray();
        for (var i = 0; i < commits.Length; i++)
        {
            if (i % 4 == 0)
            {
                await Assert.ThrowsAsync<FormatException>(() => commits[i]);
            }
            else
            {
                await commits[i];
            }
        }

        Assert.Equal(30, await database.CountAsync());
    }

    [Theory, OnBoth]
    public async Task Transaction_is_committed_once(SqlKind kind)
    {
        await using var database = await databases.OpenAsync(kind);
        var transaction = database.Begin();
        transaction.Execute(Things.Insert, (1, "one"));
        await transaction.CommitAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await transaction.CommitAsync());
        Assert.Throws<InvalidOperationException>(() => transaction.Execute(Things.Insert, (2, "two")));
        Assert.Equal(1, await database.CountAsync());
    }

    [Theory, OnBoth]
    public async Task Empty_transaction_commits(SqlKind kind)
    {
        await using var database = await databases.OpenAsync(kind);
        await database.Begin().CommitAsync();
    }

    [Theory, OnBoth]
    public async Task Transaction_of_thousands_of_statements_is_one_unit(SqlKind kind)
    {
        await using var database = await databases.OpenAsync(kind);
        var good = database.Begin();
        for (var i = 0; i < 3000; i++)
        {
            good.Execute(Things.Insert, (i, new string('x', i % 500)));
        }

        await good.CommitAsync();
        Assert.Equal(3000, await database.CountAsync());

        var bad = database.Begin();
        for (var i = 3000; i < 6000; i++)
        {
            bad.Execute(Things.Insert, (i, "value"));
        }

        bad.Check(Things.Exists, -1);
        await Assert.ThrowsAsync<SqlCheckFailedException>(async () => await bad.CommitAsync());
        Assert.Equal(3000, await database.CountAsync());
    }
}
