namespace Vault.Sql.Tests;

/// <summary>Transactions whose statements follow from what they read.</summary>
public sealed class DecisionTests(Databases databases)
{
    [Theory, OnBoth]
    public async Task Statements_follow_from_the_rows(SqlKind kind)
    {
        await using var database = await databases.OpenAsync(kind);
        await database.InsertAsync(1, "one");
        var transaction = database.Begin();
        transaction.Decide(Things.Get, [1L, 2L], static (queue, rows) =>
        {
            Assert.Equal(new Thing(1, "one", 1), rows[0]);
            Assert.Null(rows[1]);
            queue.Check(Things.HasVersion, (1, rows[0]!.Version));
            queue.Execute(Things.Delete, 1);
            queue.Execute(Things.Insert, (2, "two"));
        });
        await transaction.CommitAsync();
        Assert.Equal([new Thing(2, "two", 1)], await database.QueryAsync(Things.From, 0));
    }

    [Theory, OnBoth]
    public async Task Deciding_nothing_changes_nothing(SqlKind kind)
    {
        await using var database = await databases.OpenAsync(kind);
        var decided = 0;
        var transaction = database.Begin();
        transaction.Decide(Things.Get, [1L], (_, _) => decided++);
        await transaction.CommitAsync();
        Assert.Equal(1, decided);
    }

    [Theory, OnBoth]
    public async Task A_failed_check_changes_nothing(SqlKind kind)
    {
        await using var database = await databases.OpenAsync(kind);
        var transaction = database.Begin();
        transaction.Decide(Things.Get, [1L], static (queue, _) =>
        {
            queue.Execute(Things.Insert, (1, "one"));
            queue.Check(Things.Exists, 7);
        });
        var failure = await Assert.ThrowsAsync<SqlCheckFailedException>(async () => await transaction.CommitAsync());
        Assert.Equal(1, failure.Index);
        Assert.Equal(0, await database.CountAsync());
    }

    [Theory, OnBoth]
    public async Task What_a_decision_throws_reaches_its_caller_alone(SqlKind kind)
    {
        await using var database = await databases.OpenAsync(kind);
        var failing = database.Begin();
        failing.Decide(Things.Get, [1L], static (_, _) => throw new InvalidOperationException("no"));
        var other = database.Begin();
        other.Execute(Things.Insert, (1, "one"));
        var failed = Assert.ThrowsAsync<InvalidOperationException>(async () => await failing.CommitAsync());
        await other.CommitAsync();
        await failed;
        Assert.Equal(1, await database.CountAsync());
    }

    /// <summary>
    /// In SQLite's group a member sees what the members before it did, also when the group starts over.
    /// </summary>
    [Fact]
    public async Task A_group_that_starts_over_decides_again()
    {
        await using var database = await databases.OpenAsync(SqlKind.Sqlite);
        using var writer = new BlockedWriter(database);
        var first = database.Begin();
        first.Execute(Things.Insert, (1, "one"));
        first.Check(Things.Exists, 7);
        var seen = new List<bool>();
        var second = database.Begin();
        second.Decide(Things.Get, [2L, 1L], (queue, rows) =>
        {
            seen.Add(rows[1] is not null);
            queue.Execute(Things.Insert, (3, "three"));
        });
        var failing = Assert.ThrowsAsync<SqlCheckFailedException>(async () => await first.CommitAsync());
        var third = database.Begin();
        third.Execute(Things.Insert, (4, "four"));
        third.Check(Things.Exists, 8);
        var committing = second.CommitAsync();
        var failingToo = Assert.ThrowsAsync<SqlCheckFailedException>(async () => await third.CommitAsync());
        await writer.ReleaseAsync();
        await failing;
        await failingToo;
        await committing;
        Assert.Equal([new Thing(3, "three", 1)], await database.QueryAsync(Things.From, 0));
        Assert.DoesNotContain(true, seen);
    }

    [Fact]
    public async Task Only_the_decision_may_queue_after_sending()
    {
        await using var database = await databases.OpenAsync(SqlKind.Sqlite);
        var transaction = database.Begin();
        transaction.Decide(Things.Get, [1L], static (_, _) => { });
        Assert.Throws<InvalidOperationException>(() => transaction.Decide(Things.Get, [1L], static (_, _) => { }));
        await transaction.CommitAsync();
        Assert.Throws<InvalidOperationException>(() => transaction.Execute(Things.Insert, (1, "one")));
    }
}
