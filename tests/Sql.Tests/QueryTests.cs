namespace Vault.Sql.Tests;

public sealed class QueryTests(Databases databases)
{
    private static readonly SqlStatement<Sample> Insert = new(
        """
        insert into sample (key, label, number, flag, payload, note)
        values (@key, @label, @number, @flag, @payload, @note)
        """,
        static (p, a) =>
        {
            p.Blob("key", a.Key.AsSpan());
            p.Text("label", a.Label);
            p.Bigint("number", a.Number);
            p.Bool("flag", a.Flag);
            p.Blob("payload", a.Payload);
            p.Text("note", a.Note);
        });

    private static readonly SqlQuery<byte[], Sample> ByKey = new(
        "select key, label, number, flag, payload, note from sample where key >= @key order by key",
        static (p, key) => p.Blob("key", key), Read);

    private static readonly SqlQuery<string, Sample> ByLabel = new(
        "select key, label, number, flag, payload, note from sample where label >= @label order by label",
        static (p, label) => p.Text("label", label), Read);

    [Theory, OnBoth]
    public async Task Every_type_comes_back_as_it_went(SqlKind kind)
    {
        await using var database = await databases.OpenAsync(kind);
        Sample[] samples =
        [
            new([0], "", null, false, null, null),
            new([1], "ünï ☃ 😀", long.MinValue, true, [], ""),
            new([1, 0], "it's \"quoted\" -- @not {a} token", long.MaxValue, false, [0, 255, 0], "note"),
            new([2], new string('x', 100_000), 0, true, [.. Enumerable.Range(0, 100_000).Select(i => (byte)i)], null),
        ];
        var transaction = database.Begin();
        foreach (var sample in samples)
        {
            transaction.Execute(Insert, sample);
        }

        await transaction.CommitAsync();
        var rows = await database.QueryAsync(ByKey, []);
        Assert.Equal(samples.Length, rows.Count);
        for (var i = 0; i < samples.Length; i++)
        {
            Assert.Equivalent(samples[i], rows[i], strict: true);
        }
    }

    [Theory, OnBoth]
    public async Task Blobs_and_text_sort_by_their_bytes(SqlKind kind)
    {
        await using var database = await databases.OpenAsync(kind);
        string[] labels =
            ["Z", "a", "z", "é", "\uFFFD", "😀", "A", "a ", "a\u0001", "-", "_", "a/b", "a.b", "ß", "\uE000"];
        var transaction = database.Begin();
        foreach (var label in labels)
        {
            transaction.Execute(Insert, new(System.Text.Encoding.UTF8.GetBytes(label), label, 1, true, null, null));
        }

        await transaction.CommitAsync();
        var expected = labels.Order(Comparer<string>.Create((a, b) =>
            System.Text.Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(System.Text.Encoding.UTF8.GetBytes(b))));
        Assert.Equal(expected, (await database.QueryAsync(ByKey, [])).Select(s => s.Label));
        Assert.Equal(expected, (await database.QueryAsync(ByLabel, "")).Select(s => s.Label));
        Assert.Equal(
            ["z", "ß", "é", "\uE000", "\uFFFD", "😀"], (await database.QueryAsync(ByLabel, "z")).Select(s => s.Label));
    }

    [Theory, OnBoth]
    public async Task Sequences_up_to_the_largest_bigint_come_back_and_larger_ones_are_refused(SqlKind kind)
    {
        await using var database = await databases.OpenAsync(kind);
        var echo = new SqlQuery<ulong, ulong>(
            "select number from sample where number = @number",
            (p, number) => p.Sequence("number", number), r => r.Sequence(0));
        var transaction = database.Begin();
        transaction.Execute(Insert, new([1], "a", long.MaxValue, true, null, null));
        transaction.Execute(Insert, new([2], "b", 0, true, null, null));
        await transaction.CommitAsync();

        Assert.Equal([(ulong)long.MaxValue], await database.QueryAsync(echo, (ulong)long.MaxValue));
        Assert.Equal([0UL], await database.QueryAsync(echo, 0UL));
        await Assert.ThrowsAsync<OverflowException>(() => database.QueryAsync(echo, 1UL << 63));
    }

    [Theory, OnBoth]
    public async Task Query_each_answers_in_the_order_of_its_arguments(SqlKind kind)
    {
        await using var database = await databases.OpenAsync(kind);
        var transaction = database.Begin();
        for (var i = 0; i < 1000; i += 2)
        {
            transaction.Execute(Things.Insert, (i, $"value {i}"));
        }

        await transaction.CommitAsync();
        long[] ids = [.. Enumerable.Range(0, 1000).Select(i => (long)(i * 7919 % 1000))];
        var rows = await database.QueryEachAsync(Things.Get, ids);
        Assert.Equal(ids.Select(id => id % 2 == 0 ? new Thing(id, $"value {id}", 1) : null), rows);
        Assert.Empty(await database.QueryEachAsync(Things.Get, []));
        Assert.Null(Assert.Single(await database.QueryEachAsync(Things.Get, [1])));
    }

    [Theory, OnBoth]
    public async Task Query_each_takes_the_first_row(SqlKind kind)
    {
        await using var database = await databases.OpenAsync(kind);
        await database.InsertAsync(5, "five");
        await database.InsertAsync(6, "six");
        var rows = await database.QueryEachAsync(Things.From, [0, 6, 7]);
        Assert.Equal(["five", "six", null], rows.Select(r => r?.Value));
    }

    [Theory, OnBoth]
    public async Task Reads_go_on_in_parallel(SqlKind kind)
    {
        await using var database = await databases.OpenAsync(kind);
        var transaction = database.Begin();
        for (var i = 0; i < 100; i++)
        {
            transaction.Execute(Things.Insert, (i, $"value {i}"));
        }

        await transaction.CommitAsync();
        await Parallel.ForAsync(0, 400, new ParallelOptions { MaxDegreeOfParallelism = 40 }, async (i, ct) =>
        {
            Assert.Equal(100 - (i % 100), (await database.QueryAsync(Things.From, i % 100, ct)).Count);
            Assert.Equal($"value {i % 100}", (await database.QueryEachAsync(Things.Get, [i % 100], ct))[0]?.Value);
        });
    }

    [Theory, OnBoth]
    public async Task Reader_that_throws_or_meets_null_leaves_the_connection_usable(SqlKind kind)
    {
        await using var database = await databases.OpenAsync(kind);
        await database.InsertAsync(1, null);
        var strict = new SqlQuery<long, string>(
            "select value from thing where id = @id", (p, id) => p.Bigint("id", id), r => r.Text(0));
        for (var i = 0; i < 20; i++)
        {
            await Assert.ThrowsAsync<SqlException>(() => database.QueryAsync(strict, 1));
        }

        await database.InsertAsync(2, "two");
        Assert.Equal(["two"], await database.QueryAsync(strict, 2));
    }

    [Theory, OnBoth]
    public async Task Now_is_the_databases_time_in_milliseconds(SqlKind kind)
    {
        await using var database = await databases.OpenAsync(kind);
        var now = new SqlQuery<int, long>("select {now_ms}", (_, _) => { }, r => r.Bigint(0));
        var before = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var value = (await database.QueryAsync(now, 0))[0];
        Assert.InRange(value, before - 5, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() + 5);
    }

    [Theory, OnBoth]
    public async Task Cancelled_read_does_not_start(SqlKind kind)
    {
        await using var database = await databases.OpenAsync(kind);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => database.QueryAsync(Things.Get, 1, new CancellationToken(true)));
    }

    private static Sample Read(SqlRow row) => new(
        row.Blob(0), row.Text(1), row.BigintOrNull(2), row.Bool(3), row.BlobOrNull(4), row.TextOrNull(5));

    private sealed record Sample(byte[] Key, string Label, long? Number, bool Flag, byte[]? Payload, string? Note);
}
