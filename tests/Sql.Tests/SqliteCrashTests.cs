using System.Diagnostics;
using System.Globalization;

namespace Vault.Sql.Tests;

/// <summary>A process that commits is killed at random moments; what it had acknowledged is there.</summary>
public sealed class SqliteCrashTests(Databases databases)
{
    private static readonly SqlQuery<int, (long Id, int Length, bool Uniform)> All = new(
        "select id, payload from pair order by id",
        (_, _) => { },
        r =>
        {
            var id = r.Bigint(0);
            var payload = r.BlobSpan(1);
            return (id, payload.Length, !payload.ContainsAnyExcept((byte)Math.Abs(id)));
        });

    [Fact]
    public async Task Acknowledged_commits_survive_a_kill_and_none_is_torn()
    {
        var rounds = Environment.GetEnvironmentVariable("VAULT_TEST_LONG") == "1" ? 100 : 6;
        var path = databases.NewSqlitePath();
        await using (var database = await OpenAsync(path))
        {
            await database.MigrateAsync([typeof(Databases).Assembly]);
        }

        var random = new Random(20);
        var acknowledged = new HashSet<long>();
        for (var round = 0; round < rounds; round++)
        {
            var before = acknowledged.Count;
            await RunUntilKilledAsync(path, (round + 1) * 10_000_000L, random.Next(1, 1500), acknowledged);
            Assert.True(acknowledged.Count > before);

            await using var database = await OpenAsync(path);
            var rows = await database.QueryAsync(All, 0);
            var ids = rows.Select(r => r.Id).ToHashSet();
            Assert.All(rows, r =>
            {
                Assert.True(ids.Contains(-r.Id), $"pair {r.Id} is torn");
                Assert.Equal(Math.Abs(r.Id) % 5000, r.Length);
                Assert.True(r.Uniform, $"pair {r.Id} has wrong bytes");
            });
            Assert.True(acknowledged.IsSubsetOf(ids));
            Assert.Equal(["ok"], await database.QueryAsync(Integrity, 0));
        }
    }

    [Fact]
    public async Task Second_process_on_the_same_database_is_refused()
    {
        var path = databases.NewSqlitePath();
        await using var database = await OpenAsync(path);
        await database.MigrateAsync([typeof(Databases).Assembly]);
        using var second = Start(path, 0, 1);
        var message = await second.StandardError.ReadToEndAsync();
        await second.WaitForExitAsync();
        Assert.Equal(2, second.ExitCode);
        Assert.Contains($"in use by process {Environment.ProcessId}", message, StringComparison.Ordinal);
        await database.InsertAsync(1, "the first goes on");
    }

    [Fact]
    public async Task Second_opener_in_the_same_process_is_refused_until_the_first_closes()
    {
        var path = databases.NewSqlitePath();
        var first = await OpenAsync(path);
        await Assert.ThrowsAsync<SqlUnavailableException>(() => OpenAsync(path));
        await first.DisposeAsync();
        await using var second = await OpenAsync(path);
        await second.MigrateAsync([typeof(Databases).Assembly]);
    }

    private static readonly SqlQuery<int, string> Integrity = new(
        "select integrity_check from pragma_integrity_check", (_, _) => { }, r => r.Text(0));

    private static Task<Database> OpenAsync(string path)
        => Database.OpenSqliteAsync(new() { Path = path }, TimeProvider.System);

    private static Process Start(string path, long first, int writers) => Process.Start(
        new ProcessStartInfo(Environment.ProcessPath is { } own && Path.GetFileNameWithoutExtension(own) == "dotnet"
            ? own
            : "dotnet",
        [
            Path.Combine(AppContext.BaseDirectory, "Vault.Sql.CrashWriter.dll"), path,
            first.ToString(CultureInfo.InvariantCulture), writers.ToString(CultureInfo.InvariantCulture),
        ])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        })!;

    private static async Task RunUntilKilledAsync(string path, long first, int count, HashSet<long> acknowledged)
    {
        using var writer = Start(path, first, 8);
        var seen = 0;
        while (await writer.StandardOutput.ReadLineAsync() is { } line)
        {
            // The last line may be cut short by the kill: then it is another, smaller number, or not of this round.
            if (line.Length > 0)
            {
                seen++;
                var number = long.Parse(line, CultureInfo.InvariantCulture);
                if (number > first)
                {
                    acknowledged.Add(number);
                }
            }

            if (seen == count)
            {
                writer.Kill();
            }
        }

        await writer.WaitForExitAsync();
        Assert.True(seen >= count, await writer.StandardError.ReadToEndAsync());
    }
}
