using System.Globalization;
using Npgsql;

namespace Vault.Runtime.Simulation.Database;

/// <summary>
/// The double of the database against the real one: the same statements in the same order on both, several
/// transactions at a time; every result must be the same, and whoever waits on the one must wait on the other.
/// </summary>
public sealed class PostgresComparison(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private const int Connections = 4;
    private static readonly string[] s_keys = ["a", "b"];

    [Fact]
    public async Task Statements_and_locks_of_the_double_are_those_of_PostgreSQL()
    {
        var connectionString = await postgres.Server.CreateDatabaseAsync();
        await using var source = NpgsqlDataSource.Create(connectionString + ";Maximum Pool Size=10");
        await using var observer = await source.OpenConnectionAsync();
        await ExecuteAsync(
            observer, "create table fence (k text primary key, n bigint not null, v text);"
            + "create table state (k text primary key, n bigint not null, v text)");
        var seeds = Environment.GetEnvironmentVariable("VAULT_TEST_LONG") == "1" ? 300 : 25;
        var waits = 0;
        for (var seed = 0; seed < seeds; seed++)
        {
            await ExecuteAsync(observer, "truncate fence, state");
            waits += await CompareAsync(seed, source, observer);
        }

        Assert.InRange(waits, seeds, int.MaxValue);
    }

    private static async Task<int> CompareAsync(int seed, NpgsqlDataSource source, NpgsqlConnection observer)
    {
        var random = new Random(seed);
        var store = new RowStore(random);
        var sides = new List<Side>();
        var waits = 0;
        for (var i = 0; i < Connections; i++)
        {
            sides.Add(new Side(await source.OpenConnectionAsync()));
        }

        for (var step = 0; step < 60; step++)
        {
            var free = sides.FindAll(s => s.Expected is null);

            var side = free[random.Next(free.Count)];
            if (side.Transaction is null)
            {
                await ExecuteAsync(side.Connection, "begin isolation level read committed");
                side.Begin(s_keys[random.Next(s_keys.Length)]);
            }
            else if (random.Next(3) == 0)
            {
                await EndAsync(store, sides, side, random.Next(4) > 0, $"seed {seed} step {step}");
                continue;
            }

            // which of several that wait is next is not said
            var statement = side.Next(random);
            if (sides.Exists(s => s.Expected is not null && s.WaitsFor == (statement.Table, statement.Key)))
            {
                statement = statement with { Kind = StatementKind.Read };
            }

            var running = RunAsync(side.Connection, statement);
            if (store.Execute(side.Transaction!, statement) is { } expected)
            {
                var row = await running.WaitAsync(TimeSpan.FromSeconds(20));
                Assert.True(
                    row == expected.Row, $"seed {seed} step {step} {statement}: {row}, and the double {expected.Row}");
            }
            else
            {
                await WaitsForLockAsync(observer, side.Process, running, $"seed {seed} step {step} {statement}");
                (side.Expected, side.WaitsFor) = (running, (statement.Table, statement.Key));
                waits++;
            }
        }

        while (sides.Find(s => s.Transaction is not null && s.Expected is null) is { } open)
        {
            await EndAsync(store, sides, open, commit: true, $"seed {seed}, at the end");
        }

        foreach (var side in sides)
        {
            await side.Connection.DisposeAsync();
        }

        return waits;
    }

    /// <summary>Ends a transaction; whom the double then lets go on, the database must let go on too.</summary>
    private static async Task EndAsync(
        RowStore store, List<Side> sides, Side side, bool commit, string when)
    {
        await ExecuteAsync(side.Connection, commit ? "commit" : "rollback");
        var transaction = side.Transaction!;
        side.Transaction = null;
        foreach (var (served, result) in commit ? store.Commit(transaction) : store.Rollback(transaction))
        {
            var waiting = sides.Single(s => ReferenceEquals(s.Transaction, served));
            var row = await waiting.Expected!.WaitAsync(TimeSpan.FromSeconds(20));
            Assert.True(row == result.Row, $"{when}: {row}, and the double {result.Row}");
            waiting.Expected = null;
        }
    }

    private static async Task WaitsForLockAsync(
        NpgsqlConnection observer, int process, Task<StoredRow?> running, string what)
    {
        for (var look = 0; look < 10_000; look++)
        {
            Assert.False(running.IsCompleted, $"{what} did not wait, and the double's does");
            await using var command = new NpgsqlCommand(
                "select count(*) from pg_stat_activity where pid = @p and wait_event_type = 'Lock'", observer);
            command.Parameters.AddWithValue("p", process);
            if ((long)(await command.ExecuteScalarAsync())! == 1)
            {
                return;
            }
        }

        Assert.Fail($"{what} neither ends nor waits");
    }

    private static async Task<StoredRow?> RunAsync(NpgsqlConnection connection, Statement statement)
    {
        var (table, key, number) = (statement.Table, statement.Key, statement.Number);
        var value = statement.Value is null ? "null" : $"'{statement.Value}'";
        var sql = statement.Kind switch
        {
            StatementKind.Read => $"select n, v from {table} where k = '{key}'",
            StatementKind.Check => $"select n, v from {table} where k = '{key}' and n = {number}",
            StatementKind.CheckLocked => $"select n, v from {table} where k = '{key}' and n = {number} for share",
            StatementKind.Raise =>
                $"insert into {table} (k, n) values ('{key}', 1) on conflict (k) do update set n = {table}.n + 1 "
                + "returning n, v",
            _ => $"insert into {table} (k, n, v) values ('{key}', {number}, {value}) on conflict (k) do update "
                + "set n = excluded.n, v = excluded.v returning n, v",
        };
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        return await reader.ReadAsync()
            ? new StoredRow(reader.GetInt64(0), await reader.IsDBNullAsync(1) ? null : reader.GetString(1))
            : null;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>One connection, and its transaction in both databases.</summary>
    private sealed class Side(NpgsqlConnection connection)
    {
        private string _key = "";
        private bool _touchedFence;
        private bool _touchedState;

        public NpgsqlConnection Connection { get; } = connection;

        public int Process => Connection.ProcessID;

        public Transaction? Transaction { get; set; }

        /// <summary>The statement that waits for a lock.</summary>
        public Task<StoredRow?>? Expected { get; set; }

        public (string Table, string Key) WaitsFor { get; set; }

        public void Begin(string key) =>
            (Transaction, _key, _touchedFence, _touchedState) = (new Transaction(), key, false, false);

        /// <summary>
        /// One row of each table per transaction, the fence first and locked once, so that none waits for each other.
        /// </summary>
        public Statement Next(Random random)
        {
            var any = s_keys[random.Next(s_keys.Length)];
            var number = random.Next(1, 5);
            switch (random.Next(6))
            {
                case 0 when !_touchedFence && !_touchedState:
                    _touchedFence = true;
                    return new Statement(StatementKind.Raise, "fence", _key);
                case 1 or 2 when !_touchedFence && !_touchedState:
                    _touchedFence = true;
                    return new Statement(StatementKind.CheckLocked, "fence", _key, number);
                case 3:
                    _touchedState = true;
                    return new Statement(
                        StatementKind.Write, "state", _key, number,
                        "v" + random.Next(100).ToString(CultureInfo.InvariantCulture));
                case 4:
                    return new Statement(StatementKind.Check, "fence", any, number);
                default:
                    return new Statement(StatementKind.Read, random.Next(2) == 0 ? "fence" : "state", any);
            }
        }
    }
}
