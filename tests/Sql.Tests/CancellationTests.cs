namespace Vault.Sql.Tests;

/// <summary>Cancellation before and after the point of no return, and the queue's bound.</summary>
public sealed class CancellationTests(Databases databases)
{
    [Fact]
    public async Task Waiting_transaction_that_is_cancelled_leaves_and_changes_nothing()
    {
        await using var database = await databases.OpenAsync(SqlKind.Sqlite);
        using var writer = new BlockedWriter(database);
        using var cancel = new CancellationTokenSource();
        var waiting = Insert(database, 1, cancel.Token);
        var patient = Insert(database, 2);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.False(patient.IsCompleted);

        await writer.ReleaseAsync();
        await patient;
        Assert.Null(await database.GetAsync(1));
        Assert.NotNull(await database.GetAsync(2));
    }

    [Fact]
    public async Task Transaction_that_was_sent_is_not_cancelled()
    {
        await using var database = await databases.OpenAsync(SqlKind.Sqlite);
        using var cancel = new CancellationTokenSource();
        var cancelWhileSent = new SqlStatement<long>("insert into thing (id) values (@id)", (p, id) =>
        {
            cancel.Cancel();
            p.Bigint("id", id);
        });
        var transaction = database.Begin();
        transaction.Execute(cancelWhileSent, 1);
        await transaction.CommitAsync(cancel.Token);
        Assert.True(cancel.IsCancellationRequested);
        Assert.NotNull(await database.GetAsync(1));
    }

    [Theory, OnBoth]
    public async Task Transaction_with_a_cancelled_token_is_not_sent(SqlKind kind)
    {
        await using var database = await databases.OpenAsync(kind);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Insert(database, 1, new(true)));
        Assert.Null(await database.GetAsync(1));
    }

    [Fact]
    public async Task Callers_beyond_the_queue_wait_and_may_withdraw_too()
    {
        await using var database = await Database.OpenSqliteAsync(
            new() { Path = databases.NewSqlitePath(), QueuedTransactions = 2 }, TimeProvider.System);
        await database.MigrateAsync([typeof(Databases).Assembly]);
        using var writer = new BlockedWriter(database);
        using var cancel = new CancellationTokenSource();
        var commits = Enumerable.Range(0, 20)
            .Select(i => Insert(database, i, i % 2 == 1 ? cancel.Token : default))
            .ToArray();
        await cancel.CancelAsync();
        for (var i = 1; i < commits.Length; i += 2)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => commits[i]);
        }

        await writer.ReleaseAsync();
        for (var i = 0; i < commits.Length; i += 2)
        {
            await commits[i];
        }

        Assert.Equal([0L, 2, 4, 6, 8, 10, 12, 14, 16, 18],
            (await database.QueryAsync(Things.From, 0)).Select(t => t.Id));
    }

    [Fact]
    public async Task Closing_finishes_what_was_sent_and_tells_who_waits()
    {
        var database = await databases.OpenAsync(SqlKind.Sqlite);
        using var writer = new BlockedWriter(database);
        var waiting = Insert(database, 1);
        var closing = Task.Run(async () => await database.DisposeAsync());
        await Assert.ThrowsAsync<SqlUnavailableException>(() => waiting);
        await writer.ReleaseAsync();
        await closing;
        await Assert.ThrowsAsync<SqlUnavailableException>(() => database.GetAsync(1));
        await Assert.ThrowsAsync<SqlUnavailableException>(() => Insert(database, 2));
    }

    private static Task Insert(Database database, long id, CancellationToken ct = default)
    {
        var transaction = database.Begin();
        transaction.Execute(Things.Insert, (id, "value"));
        return transaction.CommitAsync(ct).AsTask();
    }
}
