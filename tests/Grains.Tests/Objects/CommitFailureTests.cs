using Npgsql;
using Vault.Grains.Abstractions.Objects;
using Vault.Grains.Abstractions.Wire;
using Vault.Grains.Objects;
using Vault.Grains.Store;
using Vault.Protocol.Ids;
using Vault.Sql;
using Vault.Testing;

namespace Vault.Grains.Tests.Objects;

/// <summary>A commit whose connection dies at each of its steps, over a real PostgreSQL.</summary>
public sealed class CommitFailureTests(Databases databases)
{
    [Fact]
    public async Task Connection_that_dies_while_rows_are_read_changes_nothing_and_says_so()
    {
        await using var setup = await Setup.CreateAsync(databases);
        setup.Proxy.Mode = ProxyMode.CutRequest;
        await Assert.ThrowsAsync<StoreUnavailableException>(() => setup.PutAsync("k"));
        setup.Proxy.Mode = ProxyMode.Pass;
        Assert.Null(await setup.Database.HeadAsync(setup.Bucket, "k"));
        Assert.Equal(CommitStatus.Ok, (await setup.PutAsync("k")).Status);
    }

    [Fact]
    public async Task Commit_that_never_reached_the_server_is_unknown_and_not_there()
    {
        await using var setup = await Setup.CreateAsync(databases);
        setup.Clock.Next = () => setup.Proxy.Mode = ProxyMode.CutRequest;
        await Assert.ThrowsAsync<OutcomeUnknownException>(() => setup.PutAsync("k"));
        setup.Proxy.Mode = ProxyMode.Pass;
        Assert.Null(await setup.Database.HeadAsync(setup.Bucket, "k"));
    }

    [Fact]
    public async Task Commit_whose_answer_was_lost_is_unknown_and_there()
    {
        await using var setup = await Setup.CreateAsync(databases);
        setup.Clock.Next = () => setup.Proxy.Mode = ProxyMode.CutAnswer;
        await Assert.ThrowsAsync<OutcomeUnknownException>(() => setup.PutAsync("k"));
        setup.Proxy.Mode = ProxyMode.Pass;
        Assert.NotNull(await setup.Database.HeadAsync(setup.Bucket, "k"));
        Assert.Equal((1, 7), await setup.Database.UsageAsync(setup.Bucket));
    }

    [Fact]
    public async Task Session_that_is_terminated_in_mid_commit_is_unknown_and_not_there()
    {
        await using var setup = await Setup.CreateAsync(databases);
        await using var holder = await setup.LockBucketAsync();
        var put = setup.PutAsync("k");
        await setup.WaitForBlockedAsync();
        await setup.ExecuteAsync(
            "select pg_terminate_backend(pid) from pg_stat_activity where wait_event_type = 'Lock' and datname = "
            + "current_database()");
        await Assert.ThrowsAsync<OutcomeUnknownException>(() => put);
        await holder.DisposeAsync();
        Assert.Null(await setup.Database.HeadAsync(setup.Bucket, "k"));
    }

    [Fact]
    public async Task Lock_that_is_held_too_long_refuses_the_batch_and_nothing_happened()
    {
        await using var setup = await Setup.CreateAsync(databases, TimeSpan.FromMilliseconds(300));
        await using (await setup.LockBucketAsync())
        {
            await Assert.ThrowsAsync<StoreUnavailableException>(() => setup.PutAsync("k"));
        }

        Assert.Null(await setup.Database.HeadAsync(setup.Bucket, "k"));
        Assert.Equal(CommitStatus.Ok, (await setup.PutAsync("k")).Status);
    }

    [Fact]
    public async Task Grain_whose_commit_is_unknown_starts_again_and_its_successor_sees_what_happened()
    {
        var server = await databases.Postgres;
        var direct = await server.CreateDatabaseAsync();
        using var proxy = new TcpProxy(server.Port);
        await using var cluster = await Cluster.StartAsync(
            databases, SqlKind.Postgres, postgres: Setup.Through(proxy, direct));
        var bucket = (await cluster.BucketAsync()).BucketId;
        await cluster.PutAsync(Seed.Put(bucket, "k", "first"));
        await using var holder = await Setup.LockBucketAsync(direct);
        var lost = cluster.PutAsync(Seed.Put(bucket, "k", "second"));
        await Setup.WaitForBlockedAsync(direct);
        var waiting = cluster.PutAsync(Seed.Put(bucket, "k", "third"));
        proxy.Mode = ProxyMode.CutAnswer;
        await holder.DisposeAsync();

        await Assert.ThrowsAsync<OutcomeUnknownException>(() => lost);
        proxy.Mode = ProxyMode.Pass;
        var third = await Record.ExceptionAsync(() => waiting);
        Assert.True(third is null or StoreUnavailableException, third?.ToString());

        var head = (await cluster.ReadAsync("bucket", "k")).Head!;
        Assert.Equal(third is null ? 5 : 6, head.Size);
        var next = await cluster.PutAsync(Seed.Put(bucket, "k", "fourth!") with
        {
            Precondition = PreconditionKind.Sequence, ExpectedSequence = head.Sequence,
        });
        Assert.Equal(CommitStatus.Ok, next.Status);
        Assert.True(next.Sequence > head.Sequence);
        Assert.Equal(1, await cluster.Database.CountAsync("object_body"));
    }

    /// <summary>
    /// A batch's activation whose database is behind a proxy; warm, so that the next batch reads and commits.
    /// </summary>
    private sealed class Setup(TcpProxy proxy, Database database, string direct, BucketId bucket) : IAsyncDisposable
    {
        private IndexBatch? _batch;

        public TcpProxy Proxy => proxy;

        public Database Database => database;

        public BucketId Bucket => bucket;

        public TriggerClock Clock { get; } = new();

        public static PostgresOptions Through(TcpProxy proxy, string direct, TimeSpan? statement = null)
        {
            var options = new PostgresOptions
            {
                ConnectionString = new NpgsqlConnectionStringBuilder(direct) { Port = proxy.Port }.ConnectionString,
            };
            options.StatementTimeout = statement ?? options.StatementTimeout;
            return options;
        }

        public static async Task<Setup> CreateAsync(Databases databases, TimeSpan? statement = null)
        {
            var server = await databases.Postgres;
            var direct = await server.CreateDatabaseAsync();
            var proxy = new TcpProxy(server.Port);
            var database = await Database.OpenPostgresAsync(Through(proxy, direct, statement), TimeProvider.System);
            await database.MigrateAsync([GrainServices.Migrations]);
            var setup = new Setup(proxy, database, direct, await database.BucketAsync());
            var grain = $"index/{setup.Bucket}/00";
            var fence = await Fence.TakeAsync(database, grain, default);
            setup._batch = new IndexBatch(
                database, new BodyIds(database), setup.Clock,
                new IndexGuard { GrainId = grain, BucketId = setup.Bucket, Fence = fence }, 0,
                await CommitMemos.OpenAsync(database, grain, setup.Clock, default));
            await setup.PutAsync("warm");
            await setup._batch.RunAsync([new PendingDelete(Seed.Delete(setup.Bucket, "warm"), default)]);
            return setup;
        }

        public async Task<CommitResult> PutAsync(string key)
        {
            var put = new PendingPut(Seed.Put(bucket, key), default);
            await _batch!.RunAsync([put]);
            return put.Decision!;
        }

        public Task<NpgsqlConnection> LockBucketAsync() => LockBucketAsync(direct);

        /// <summary>A session that keeps commits from checking their bucket until it is disposed.</summary>
        public static async Task<NpgsqlConnection> LockBucketAsync(string direct)
        {
            var connection = new NpgsqlConnection(direct + ";Pooling=false");
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand("begin; select 1 from bucket for update", connection);
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

        public Task WaitForBlockedAsync() => WaitForBlockedAsync(direct);

        public static async Task WaitForBlockedAsync(string direct)
        {
            await using var connection = new NpgsqlConnection(direct + ";Pooling=false");
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand(
                "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
                connection);
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

    /// <summary>A batch asks for the time between reading its rows and sending its commit.</summary>
    private sealed class TriggerClock : TimeProvider
    {
        public Action? Next { get; set; }

        public override DateTimeOffset GetUtcNow()
        {
            Next?.Invoke();
            Next = null;
            return base.GetUtcNow();
        }
    }
}
