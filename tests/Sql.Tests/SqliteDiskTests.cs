using System.Diagnostics;

namespace Vault.Sql.Tests;

/// <summary>Full disks, the reserve, the log's bound, and damage.</summary>
public sealed class SqliteDiskTests(Databases databases)
{
    private static readonly SqlStatement<(long Id, int Bytes)> InsertPair = new(
        "insert into pair (id, payload) values (@id, @payload)",
        static (p, a) =>
        {
            p.Bigint("id", a.Id);
            p.Blob("payload", new byte[a.Bytes]);
        });

    private static readonly SqlStatement<int> DeletePairs = new("delete from pair", (_, _) => { });

    private static readonly SqlQuery<int, long> CountPairs = new(
        "select count(*) from pair", (_, _) => { }, r => r.Bigint(0));

    private static readonly SqlQuery<int, long> PairLengths = new(
        "select length(payload) from pair order by id", (_, _) => { }, r => r.Bigint(0));

    private static readonly SqlQuery<int, string> Integrity = new(
        "select integrity_check from pragma_integrity_check", (_, _) => { }, r => r.Text(0));

    [Fact]
    public async Task Full_disk_refuses_changes_reads_go_on_and_writing_returns_without_a_restart()
    {
        using var disk = new SmallDisk(megabytes: 16);
        await using var database = await Database.OpenSqliteAsync(
            new() { Path = disk.PathOf("vault.db"), ReserveBytes = 0, CheckpointBytes = 1 << 20 }, TimeProvider.System);
        await database.MigrateAsync([typeof(Databases).Assembly]);
        await InsertAsync(database, 1);
        await disk.FillAsync();
        var last = 1L;
        await Assert.ThrowsAsync<SqlFullException>(async () =>
        {
            while (true)
            {
                await InsertAsync(database, last + 1);
                last++;
            }
        });
        Assert.Equal([last], await database.QueryAsync(CountPairs, 0));
        await Assert.ThrowsAsync<SqlFullException>(() => InsertAsync(database, last + 1));
        Assert.Equal([last], await database.QueryAsync(CountPairs, 0));

        disk.Free();
        await InsertAsync(database, last + 1);
        Assert.Equal([last + 1], await database.QueryAsync(CountPairs, 0));
    }

    [Fact]
    public async Task Reserve_is_for_changes_that_free_space()
    {
        using var disk = new SmallDisk(megabytes: 32);
        await using var database = await Database.OpenSqliteAsync(
            new() { Path = disk.PathOf("vault.db"), ReserveBytes = 16 << 20, CheckpointBytes = 1 << 20 },
            TimeProvider.System);
        await database.MigrateAsync([typeof(Databases).Assembly]);
        await InsertAsync(database, 1);
        await disk.FillAsync(leaveMegabytes: 15);
        var refusal = await Assert.ThrowsAsync<SqlFullException>(() => InsertAsync(database, 2));
        Assert.Contains("16 MiB", refusal.Message, StringComparison.Ordinal);
        Assert.Equal([1], await database.QueryAsync(CountPairs, 0));

        var delete = database.Begin(mayUseReserve: true);
        delete.Execute(DeletePairs, 0);
        await delete.CommitAsync();
        Assert.Equal([0], await database.QueryAsync(CountPairs, 0));

        disk.Free();
        await InsertAsync(database, 2);
    }

    [Fact]
    public async Task Log_stays_within_its_limit_under_constant_writing()
    {
        const int Limit = 4 << 20;
        var path = databases.NewSqlitePath();
        await using var database = await Database.OpenSqliteAsync(
            new() { Path = path, CheckpointBytes = 1 << 20, LogLimitBytes = Limit }, TimeProvider.System);
        await database.MigrateAsync([typeof(Databases).Assembly]);
        var longest = 0L;
        var next = 0L;
        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 300; i++)
            {
                var transaction = database.Begin();
                transaction.Execute(InsertPair, (Interlocked.Increment(ref next), 8000));
                await transaction.CommitAsync();
                InterlockedMax(ref longest, new FileInfo(path + "-wal").Length);
                Assert.Single(await database.QueryAsync(CountPairs, 0));
            }
        })));

        // One group may overshoot: 16 members with three pages each, and the frames' headers.
        Assert.InRange(longest, 1 << 20, Limit + (1 << 20));
        Assert.Equal([4800], await database.QueryAsync(CountPairs, 0));
    }

    [Fact]
    public async Task Commit_of_many_megabytes_is_whole_and_survives_reopening()
    {
        var path = databases.NewSqlitePath();
        int[] sizes = [0, 1, 4095, 4096, 4097, 1 << 17, (1 << 17) - 24, 300_000, 1 << 20, (1 << 20) + 1, 3_000_000];
        await using (var database = await Database.OpenSqliteAsync(new() { Path = path }, TimeProvider.System))
        {
            await database.MigrateAsync([typeof(Databases).Assembly]);
            var transaction = database.Begin();
            for (var i = 0; i < sizes.Length; i++)
            {
                transaction.Execute(InsertPair, (i, sizes[i]));
            }

            await transaction.CommitAsync();
            Assert.Equal(sizes.Select(s => (long)s), await database.QueryAsync(PairLengths, 0));
        }

        await using var again = await Database.OpenSqliteAsync(new() { Path = path }, TimeProvider.System);
        Assert.Equal(sizes.Select(s => (long)s), await again.QueryAsync(PairLengths, 0));
        Assert.Equal(["ok"], await again.QueryAsync(Integrity, 0));
    }

    [Fact]
    public async Task File_that_is_not_a_database_is_refused()
    {
        var path = databases.NewSqlitePath();
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, string.Concat(Enumerable.Repeat("this is not a database. ", 1000)));
        var failure = await Assert.ThrowsAsync<SqlUnavailableException>(
            () => Database.OpenSqliteAsync(new() { Path = path }, TimeProvider.System));
        Assert.Contains("not a database", failure.Message, StringComparison.Ordinal);
    }

    private static async Task InsertAsync(Database database, long id)
    {
        var transaction = database.Begin();
        transaction.Execute(InsertPair, (id, 64 << 10));
        await transaction.CommitAsync();
    }

    private static void InterlockedMax(ref long target, long value)
    {
        for (var seen = Volatile.Read(ref target); value > seen;)
        {
            seen = Interlocked.CompareExchange(ref target, value, seen) is var now && now == seen ? value : now;
        }
    }

    /// <summary>A small file system of its own (tmpfs; the tests run as root).</summary>
    private sealed class SmallDisk : IDisposable
    {
        private readonly string directory = Directory.CreateTempSubdirectory("vault-disk-").FullName;

        public SmallDisk(int megabytes) => Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "none", directory);

        public string PathOf(string name) => Path.Combine(directory, name);

        public async Task FillAsync(int leaveMegabytes = 0)
        {
            await using var file = new FileStream(
                PathOf("filler"), FileMode.Create, FileAccess.Write, FileShare.None, 1);
            var free = new DriveInfo(directory).AvailableFreeSpace - ((long)leaveMegabytes << 20);
            await file.WriteAsync(new byte[free]);
        }

        public void Free() => File.Delete(PathOf("filler"));

        public void Dispose()
        {
            Run("umount", directory);
            Directory.Delete(directory);
        }

        private static void Run(string program, params string[] arguments)
        {
            using var process = Process.Start(program, arguments);
            process.WaitForExit();
            Assert.Equal(0, process.ExitCode);
        }
    }
}
