using Npgsql;

namespace Vault.Sql.Tests;

/// <summary>How many connections a process opens, however much is asked of it at once.</summary>
public sealed class PostgresPoolTests(Databases databases)
{
    [Theory]
    [InlineData("", null)]
    [InlineData(";Maximum Pool Size=3", 3)]
    public async Task Connections_are_as_many_as_named_or_go_by_the_cores(string setting, int? named)
    {
        var direct = await (await databases.Postgres).CreateDatabaseAsync();
        await using var database = await Database.OpenPostgresAsync(
            new() { ConnectionString = direct + setting }, TimeProvider.System);
        await database.MigrateAsync([typeof(Databases).Assembly]);

        await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => database.GetAsync(1)));

        await using var connection = new NpgsqlConnection(direct + ";Pooling=false");
        await connection.OpenAsync();
        await using var count = new NpgsqlCommand(
            "select count(*) from pg_stat_activity where datname = current_database() and application_name = 'vault'",
            connection);
        Assert.Equal(named ?? Math.Clamp(3 * Environment.ProcessorCount, 6, 32), (long)(await count.ExecuteScalarAsync())!);
    }
}
