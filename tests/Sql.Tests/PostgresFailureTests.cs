using Npgsql;
using Vault.Testing;

namespace Vault.Sql.Tests;

/// <summary>A connection or server that dies at each step of a commit, and refusals by locks and deadlocks.</summary>
public sealed class PostgresFailureTests(Databases databases)
{
    [Fact]
    public async Task Unreachable_server_is_unavailable()
    {
        using var proxy = new TcpProxy((await databases.Postgres).Port) { Mode = ProxyMode.Refuse };
        var options = new PostgresOptions { ConnectionString = $"Host=127.0.0.1;Port={proxy.Port};Username=postgres" };
        await Assert.ThrowsAsync<SqlUnavailableException>(() => Database.OpenPostgresAsync(
            options, TimeProvider.System));
    }

    [Fact]
    public async Task Commit_that_cannot_connect_changes_nothing_and_says_so()
    {
        await using var setup = await Setup.CreateAsync(databases);
        await setup.ClearPoolAsync();
        setup.Proxy.Mode = ProxyMode.Refuse;
        await Assert.ThrowsAsync<SqlUnavailableException>(() => setup.Database.InsertAsync(1, "lost"));
        setup.Proxy.Mode = ProxyMode.Pass;
        Assert.Null(await setup.Database.GetAsync(1));
    }

    [Fact]
    public async Task Commit_whose_request_is_cut_has_an_unknown_outcome_and_was_not_applied()
    {
        await using var setup = await Setup.CreateAsync(databases);
        setup.Proxy.Mode = ProxyMode.CutRequest;
        await Assert.ThrowsAsync<SqlUnknownOutcomeException>(() => setup.Database.InsertAsync(1, "lost"));
        setup.Proxy.Mode = ProxyMode.Pass;
        Assert.Null(await setup.Database.GetAsync(1));
        await setup.Database.InsertAsync(1, "again");
    }

    [Fact]
    public async Task Commit_whose_answer_is_cut_has_an_unknown_outcome_and_was_applied()
    {
        await using var setup = await Setup.CreateAsync(databases);
        setup.Proxy.Mode = ProxyMode.CutAnswer;
        await Assert.ThrowsAsync<SqlUnknownOutcomeException>(() => setup.Database.InsertAsync(1, "applied"));
        setup.Proxy.Mode = ProxyMode.Pass;
        Assert.Equal("applied", (await setup.Database.GetAsync(1))?.Value);
    }

    [Fact]
    public async Task Commit_without_an_answer_ends_in_an_unknown_outcome_within_the_time_limit()
    {
        await using var setup = await Setup.CreateAsync(databases, answer: TimeSpan.FromSeconds(1));
        setup.Proxy.Mode = ProxyMode.HoldAnswer;
        await Assert.ThrowsAsync<SqlUnknownOutcomeException>(() => setup.Database.InsertAsync(1, "applied"));
        setup.Proxy.Mode = ProxyMode.Pass;
        Assert.Equal("applied", (await setup.Database.GetAsync(1))?.Value);
    }

    [Fact]
    public async Task Read_whose_connection_dies_is_unavailable()
    {
        await using var setup = await Setup.CreateAsync(databases);
        setup.Proxy.Mode = ProxyMode.CutAnswer;
        await Assert.ThrowsAsync<SqlUnavailableException>(() => setup.Database.GetAsync(1));
        setup.Proxy.Mode = ProxyMode.CutRequest;
        await Assert.ThrowsAsync<SqlUnavailableException>(() => setup.Database.QueryEachAsync(Things.Get, [1, 2]));
        setup.Proxy.Mode = ProxyMode.Pass;
        Assert.Null(await setup.Database.GetAsync(1));
    }

    [Fact]
    public async Task Session_that_is_terminated_in_mid_statement_leaves_an_unknown_outcome_and_nothing_applied()
    {
        await using var setup = await Setup.CreateAsync(databases);
        await setup.Database.InsertAsync(1, "locked");
        await using var holder = await setup.LockAsync(1);
        var blocked = setup.Database.Begin();
        blocked.Execute(Things.Insert, (2, "lost"));
        blocked.Execute(Things.Change, (1, "lost"));
        var commit = blocked.CommitAsync().AsTask();
        await setup.WaitForBlockedSessionAsync();
        await setup.ExecuteAsync("select pg_terminate_backend(pid) from pg_stat_activity where wait_event_type = "
            + "'Lock' and datname = current_database()");
        await Assert.ThrowsAsync<SqlUnknownOutcomeException>(() => commit);
        await holder.DisposeAsync();
        Assert.Equal([new Thing(1, "locked", 1)], await setup.Database.QueryAsync(Things.From, 0));
    }

    [Fact]
    public async Task Lock_that_is_held_too_long_refuses_the_commit_and_nothing_happened()
    {
        await using var setup = await Setup.CreateAsync(databases, statement: TimeSpan.FromMilliseconds(300));
        await setup.Database.InsertAsync(1, "locked");
        await using (await setup.LockAsync(1))
        {
            var transaction = setup.Database.Begin();
            transaction.Execute(Things.Insert, (2, "lost"));
            transaction.Check(Things.Change, (1, "lost"));
            await Assert.ThrowsAsync<SqlUnavailableException>(() => transaction.CommitAsync().AsTask());
        }

        Assert.Equal([new Thing(1, "locked", 1)], await setup.Database.QueryAsync(Things.From, 0));
        await setup.Database.InsertAsync(3, "goes on");
    }

    [Fact]
    public async Task Statement_that_runs_too_long_is_refused()
    {
        await using var setup = await Setup.CreateAsync(databases, statement: TimeSpan.FromMilliseconds(300));
        var slow = new SqlQuery<int, long>("select 1 from (select pg_sleep(30)) s", (_, _) => { }, r => r.Bigint(0));
        await Assert.ThrowsAsync<SqlUnavailableException>(() => setup.Database.QueryAsync(slow, 0));
    }

    [Fact]
    public async Task Deadlock_is_a_conflict_that_changed_nothing()
    {
        await using var setup = await Setup.CreateAsync(databases);
        await setup.Database.InsertAsync(1, "one");
        await setup.Database.InsertAsync(2, "two");
        await using var other = await setup.LockAsync(1);
        var transaction = setup.Database.Begin();
        transaction.Execute(Things.Insert, (3, "lost"));
        transaction.Execute(Things.Change, (2, "lost"));
        transaction.Execute(Things.Change, (1, "lost"));
        var commit = transaction.CommitAsync().AsTask();
        await setup.WaitForBlockedSessionAsync();
        await using (var close = new NpgsqlCommand(
            "set deadlock_timeout = '60s'; update thing set value = 'other' where id = 2", other))
        {
            await close.ExecuteNonQueryAsync();
        }

        await Assert.ThrowsAsync<SqlConflictException>(() => commit);
        Assert.Null(await setup.Database.GetAsync(3));
    }

    [Fact]
    public async Task After_a_restart_of_the_server_acknowledged_writes_are_there_and_work_goes_on()
    {
        await using var server = await PostgresServer.StartAsync();
        var connectionString = await server.CreateDatabaseAsync();
        await using var database = await Database.OpenPostgresAsync(
            new() { ConnectionString = connectionString }, TimeProvider.System);
        await database.MigrateAsync([typeof(Databases).Assembly]);
        var enough = new TaskCompletionSource();
        var acknowledged = 0;
        var writers = Enumerable.Range(0, 8).Select(writer => Task.Run(async () =>
        {
            var mine = new List<long>();
            for (var i = 0L; ; i++)
            {
                try
                {
                    await database.InsertAsync((writer * 1_000_000L) + i, "value");
                    mine.Add((writer * 1_000_000L) + i);
                    if (Interlocked.Increment(ref acknowledged) == 500)
                    {
                        enough.SetResult();
                    }
                }
                catch (Exception e) when (e is SqlUnavailableException or SqlUnknownOutcomeException)
                {
                    return mine;
                }
            }
        })).ToArray();
        await enough.Task;
        await server.StopServerAsync();
        var ids = (await Task.WhenAll(writers)).SelectMany(m => m).ToArray();
        await Assert.ThrowsAsync<SqlUnavailableException>(() => database.GetAsync(1));
        await server.StartServerAsync();

        var there = (await database.QueryAsync(Things.From, 0)).Select(t => t.Id).ToHashSet();
        Assert.True(there.IsSupersetOf(ids));
        Assert.InRange(there.Count, ids.Length, ids.Length + writers.Length);
        await database.InsertAsync(99_000_000, "goes on");
    }

    /// <summary>A database behind a proxy.</summary>
    private sealed class Setup(TcpProxy proxy, Database database, string direct) : IAsyncDisposable
    {
        public TcpProxy Proxy => proxy;

        public Database Database => database;

        public static async Task<Setup> CreateAsync(
            Databases databases, TimeSpan? statement = null, TimeSpan? answer = null)
        {
            var server = await databases.Postgres;
            var direct = await server.CreateDatabaseAsync();
            var proxy = new TcpProxy(server.Port);
            var options = new PostgresOptions
            {
                ConnectionString = new NpgsqlConnectionStringBuilder(direct) { Port = proxy.Port }.ConnectionString,
            };
            options.StatementTimeout = statement ?? options.StatementTimeout;
            options.AnswerTimeout = answer ?? options.AnswerTimeout;
            var database = await Database.OpenPostgresAsync(options, TimeProvider.System);
            await database.MigrateAsync([typeof(Databases).Assembly]);
            return new(proxy, database, direct);
        }

        /// <summary>Lets the pool's connections fail, so that the next caller has to connect.</summary>
        public async Task ClearPoolAsync()
        {
            proxy.Mode = ProxyMode.CutRequest;
            await Assert.ThrowsAsync<SqlUnavailableException>(() => database.GetAsync(1));
        }

        /// <summary>A session that holds a row's lock until disposed.</summary>
        public async Task<NpgsqlConnection> LockAsync(long id)
        {
            var connection = new NpgsqlConnection(direct + ";Pooling=false");
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand(
                $"begin; select 1 from thing where id = {id} for update", connection);
            await command.ExecuteNonQueryAsync();
            return connection;
        }

        public async Task ExecuteAsync(string sql)
        {
            await using var connection = new NpgsqlConnection(direct + ";Pooling=false");
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync();
        }

        public async Task WaitForBlockedSessionAsync()
        {
            await using var connection = new NpgsqlConnection(direct + ";Pooling=false");
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand(
                """
                select count(*) from pg_stat_activity
                where wait_event_type = 'Lock' and datname = current_database()
                """, connection);
            while ((long)(await command.ExecuteScalarAsync())! == 0)
            {
                await Task.Yield();
            }
        }

        public async ValueTask DisposeAsync()
        {
            await database.DisposeAsync();
            proxy.Dispose();
        }
    }
}
