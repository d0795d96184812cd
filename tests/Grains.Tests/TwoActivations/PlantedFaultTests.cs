using Vault.Grains.Abstractions.Objects;
using Vault.Grains.Objects;
using Vault.Grains.Store;
using Vault.Protocol.Ids;
using Vault.Sql;
using Vault.Testing.Histories;

namespace Vault.Grains.Tests.TwoActivations;

/// <summary>
/// The checks of these tests find a fence that is missing, that is not locked, or that is taken after the read: each is
/// planted under the real batches, the same schedule runs, and the history or the tables say what came of it.
/// </summary>
public sealed class PlantedFaultTests(Databases databases)
{
    private const string Key = "k";

    private static readonly SqlStatement<IndexGuard> Missing = Guard(
        """
        select 1 from bucket b
        where b.bucket_id = @bucket and b.config_version = @config and b.state = 0 and {now_ms} <= @deadline for share
        """,
        fence: false);

    private static readonly SqlStatement<IndexGuard> Unlocked = Guard(
        """
        select 1 from grain_fence f, bucket b
        where f.grain_id = @grain and f.fence = @fence
          and b.bucket_id = @bucket and b.config_version = @config and b.state = 0
          and {now_ms} <= @deadline for share of b
        """,
        fence: true);

    [Fact]
    public async Task The_real_fence_passes()
    {
        Assert.Empty(await RaceAsync(ObjectTable.Guard));
        Assert.Empty(await RepeatAsync(readFirst: false));
    }

    [Fact]
    public async Task A_missing_fence_is_found() => Found(await RaceAsync(Missing));

    [Fact]
    public async Task A_fence_that_is_not_locked_is_found() => Found(await RaceAsync(Unlocked));

    [Fact]
    public async Task A_fence_that_is_taken_after_the_read_is_found() =>
        Assert.Contains(await RepeatAsync(readFirst: true), static f => f.Contains("no order explains"));

    private static void Found(List<string> faults)
    {
        Assert.Contains(faults, static f => f.Contains("no order explains")); // two creators of one key
        Assert.Contains(faults, static f => f.Contains("late commit"));
        Assert.Contains(faults, static f => f.Contains("body without head"));
        Assert.Contains(faults, static f => f.Contains("usage of"));
    }

    /// <summary>
    /// An activation is held up in the middle of its commit, after its guard; another begins meanwhile, reads and
    /// decides. Both create one key.
    /// </summary>
    private async Task<List<string>> RaceAsync(SqlStatement<IndexGuard> guard)
    {
        await using var database = await OpenAsync();
        var bucket = await database.Database.BucketAsync();
        var history = new History();
        var first = await database.ActivateAsync(bucket, guard);
        await RunAsync(first, Seed.Put(bucket, Setup.Warm));
        var holder = await database.Sql.HoldAsync(
            $"""
            insert into object_head
              (bucket_id, key, seq, version_id, size, modified_ms, key_no, part_count, body_id, object_id, list_box)
            select bucket_id, '{Key}', seq, version_id, size, modified_ms, key_no, part_count, -1, object_id, list_box
            from object_head where key = '{Setup.Warm}'
            """);
        var one = Task.Run(() => CreateAsync(first, "first"));
        await database.Sql.WaitForBlockedAsync(1);
        var two = Task.Run(async () => await CreateAsync(await database.ActivateAsync(bucket, guard), "second"));
        await database.Sql.WaitForBlockedAsync(2);
        await holder.DisposeAsync();
        await Task.WhenAll(one, two);
        await ReadAsync(database.Database, bucket, history);
        return await FaultsAsync(database, history);

        async Task CreateAsync(IndexBatch batch, string by)
        {
            var put = Seed.Put(bucket, Key, by) with { Precondition = PreconditionKind.Absent };
            var create = history.Create(Key, put.VersionId.ToString(), by);
            try
            {
                var answer = await RunAsync(batch, put);
                if (answer.Status == CommitStatus.Ok) create.Acknowledged();
                else create.Refused();
            }
            catch (FenceLostException)
            {
                create.Failed();
            }
        }
    }

    /// <summary>
    /// While an activation begins, the one before commits a put. Something else is written; then the put is delivered
    /// again.
    /// </summary>
    private async Task<List<string>> RepeatAsync(bool readFirst)
    {
        await using var database = await OpenAsync();
        var bucket = await database.Database.BucketAsync();
        var history = new History();
        var first = await database.ActivateAsync(bucket);
        var message = Seed.Put(bucket, Key, "repeated");
        var put = history.Put(Key, message.VersionId.ToString());
        var answered = false;
        var second = await database.ActivateAsync(bucket, meanwhile: FirstAsync, readFirst: readFirst);
        if (!answered) Note(await RunAsync(second, message));
        var other = Seed.Put(bucket, Key, "other");
        var overwrite = history.Put(Key, other.VersionId.ToString());
        Assert.Equal(CommitStatus.Ok, (await RunAsync(second, other)).Status);
        overwrite.Acknowledged();
        await RunAsync(second, message);
        await ReadAsync(database.Database, bucket, history);
        return await FaultsAsync(database, history);

        async Task FirstAsync()
        {
            try
            {
                Note(await RunAsync(first, message));
            }
            catch (FenceLostException)
            {
                // The front end asks the newer one.
            }
        }

        void Note(CommitResult answer)
        {
            Assert.Equal(CommitStatus.Ok, answer.Status);
            put.Acknowledged();
            answered = true;
        }
    }

    private static async Task ReadAsync(Database database, BucketId bucket, History history)
    {
        var read = history.Get(Key);
        read.Returned((await database.HeadAsync(bucket, Key))?.VersionId.ToString());
    }

    private static async Task<List<string>> FaultsAsync(Setup database, History history)
    {
        var faults = (await Invariants.CheckAsync(database.Sql))
            .Where(static f => !f.StartsWith("keys of", StringComparison.Ordinal)).ToList(); // the bucket has no boxes
        if (history.Check() is { } violation) faults.Add(violation.Message);
        return faults;
    }

    private static async Task<CommitResult> RunAsync(IndexBatch batch, PutObject put)
    {
        List<PendingCommit> members = [new PendingPut(put, default)];
        await batch.RunAsync(members);
        return members[0].Decision!;
    }

    private static SqlStatement<IndexGuard> Guard(string text, bool fence) => new(
        text,
        (p, g) =>
        {
            if (fence)
            {
                p.Text("grain", g.GrainId);
                p.Bigint("fence", g.Fence);
            }

            p.Id("bucket", g.BucketId);
            p.Bigint("config", g.ConfigVersion);
            p.Bigint("deadline", g.DeadlineMs);
        });

    private async Task<Setup> OpenAsync()
    {
        var sql = new SqlView(await (await databases.Postgres).CreateDatabaseAsync());
        var options = new PostgresOptions
        {
            ConnectionString = sql.ConnectionString, StatementTimeout = TimeSpan.FromSeconds(30),
            AnswerTimeout = TimeSpan.FromSeconds(60),
        };
        var database = await databases.OpenAsync(SqlKind.Postgres, options);
        await sql.RunAsync(SqlView.Witness);
        return new Setup(database, sql);
    }

    /// <summary>A database that lets sessions wait for long, and activations of the one partition that is used.</summary>
    private sealed class Setup(Database database, SqlView sql) : IAsyncDisposable
    {
        private static readonly int Partition = PartitionOf(Key);

        /// <summary>Another key of the partition.</summary>
        public static string Warm { get; } =
            Enumerable.Range(0, 1000).Select(static i => $"warm-{i}").First(static k => PartitionOf(k) == Partition);

        public Database Database => database;

        public SqlView Sql => sql;

        /// <summary>As the grain does it; or with its state read before the fence is taken.</summary>
        public async Task<IndexBatch> ActivateAsync(
            BucketId bucket, SqlStatement<IndexGuard>? guard = null, Func<Task>? meanwhile = null,
            bool readFirst = false)
        {
            var grain = $"index/{bucket}/{Partition:x2}";
            var memos = readFirst ? await OpenMemosAsync(grain) : null;
            var early = readFirst ? meanwhile : null;
            if (early is not null) await early();
            var fence = await Fence.TakeAsync(database, grain, default);
            if (early is null && meanwhile is not null) await meanwhile();
            memos ??= await OpenMemosAsync(grain);
            return new IndexBatch(
                database, new BodyIds(database), TimeProvider.System,
                new IndexGuard { GrainId = grain, BucketId = bucket, Fence = fence }, Partition, memos, guard);
        }

        public ValueTask DisposeAsync() => database.DisposeAsync();

        private static int PartitionOf(string text) =>
            ObjectKey.TryParse(Seed.Key(text), out var key) ? key.Partition(16) : throw new InvalidOperationException();

        private Task<CommitMemos?> OpenMemosAsync(string grain) =>
            CommitMemos.OpenAsync(database, grain, TimeProvider.System, default);
    }
}
