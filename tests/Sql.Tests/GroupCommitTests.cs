namespace Vault.Sql.Tests;

public sealed class GroupCommitTests(Databases databases)
{
    [Theory, OnBoth]
    public async Task Members_that_fail_do_so_alone(SqlKind kind)
    {
        await using var database = await databases.OpenAsync(kind);
        await database.InsertAsync(100_000, "there");
        var commits = Enumerable.Range(0, 600).Select(i =>
        {
            var transaction = database.Begin();
            transaction.Check(Things.Exists, 100_000);
            transaction.Execute(Things.Insert, (i, "first"));
            switch (i % 10)
            {
                case 3:
                    transaction.Check(Things.Exists, -1);
                    break;
                case 7:
                    transaction.Execute(Things.Insert, (100_000, "duplicate"));
                    break;
            }

            return transaction.CommitAsync().AsTask();
        }).ToArray();
        for (var i = 0; i < commits.Length; i++)
        {
            if (i % 10 == 3)
            {
                Assert.Equal(2, (await Assert.ThrowsAsync<SqlCheckFailedException>(() => commits[i])).Index);
            }
            else if (i % 10 == 7)
            {
                await Assert.ThrowsAsync<SqlConstraintException>(() => commits[i]);
            }
            else
            {
                await commits[i];
            }
        }

        var ids = (await database.QueryAsync(Things.From, 0)).Select(t => t.Id).ToArray();
        Assert.Equal(
            [.. Enumerable.Range(0, 600).Where(i => i % 10 is not (3 or 7)).Select(i => (long)i), 100_000], ids);
    }

    [Fact]
    public async Task Members_of_one_writer_apply_in_order_of_arrival()
    {
        await using var database = await databases.OpenAsync(SqlKind.Sqlite);
        var commits = new List<(Task Commit, SqlResult<long> Version)>();
        for (var i = 0; i < 500; i++)
        {
            var transaction = database.Begin();
            var version = transaction.Query(Things.Upsert, (1, $"value {i}"));
            commits.Add((transaction.CommitAsync().AsTask(), version));
        }

        for (var i = 0; i < commits.Count; i++)
        {
            await commits[i].Commit;
            Assert.Equal([i + 1], commits[i].Version.Rows);
        }

        Assert.Equal("value 499", (await database.GetAsync(1))?.Value);
    }

    [Theory, OnBoth]
    public async Task Of_racing_conditional_writers_exactly_one_wins_each_version(SqlKind kind)
    {
        await using var database = await databases.OpenAsync(kind);
        await database.InsertAsync(1, "start");
        for (var version = 1; version <= 10; version++)
        {
            var outcomes = await Task.WhenAll(Enumerable.Range(0, 16).Select(async i =>
            {
                var transaction = database.Begin();
                transaction.Check(ChangeVersion, (1, version, $"writer {i}"));
                try
                {
                    await transaction.CommitAsync();
                    return true;
                }
                catch (SqlCheckFailedException)
                {
                    return false;
                }
            }));
            Assert.Single(outcomes, won => won);
        }

        Assert.Equal(11, (await database.GetAsync(1))?.Version);
    }

    [Theory, OnBoth]
    public async Task Acknowledged_writes_are_seen_by_reads_that_begin_later(SqlKind kind)
    {
        await using var database = await databases.OpenAsync(kind);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async writer =>
        {
            for (var i = 0; i < 50; i++)
            {
                var id = (writer * 1000) + i;
                await database.InsertAsync(id, "mine");
                Assert.Equal("mine", (await database.GetAsync(id))?.Value);
                Assert.Equal("mine", (await database.QueryEachAsync(Things.Get, [id]))[0]?.Value);
            }
        }));
        Assert.Equal(400, await database.CountAsync());
    }

    private static readonly SqlStatement<(long Id, long Version, string Value)> ChangeVersion = new(
        "update thing set value = @value, version = version + 1 where id = @id and version = @version returning 1",
        static (p, a) =>
        {
            p.Text("value", a.Value);
            p.Bigint("id", a.Id);
            p.Bigint("version", a.Version);
        });
}
