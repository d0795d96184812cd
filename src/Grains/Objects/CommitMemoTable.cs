using Vault.Sql;

namespace Vault.Grains.Objects;

/// <summary>Commits of the last minute by their callers' ids.</summary>
internal static class CommitMemoTable
{
    public static readonly SqlQuery<CommitMemoAge, CommitMemoRow> Young = new(
        "select entries from commit_memo where grain_id = @grain and written_ms > {now_ms} - @age order by batch",
        Bind, static row => new CommitMemoRow(row.Blob(0)));

    public static readonly SqlStatement<CommitMemo> Add = new(
        "insert into commit_memo (grain_id, batch, written_ms, entries) values (@grain, @batch, {now_ms}, @entries)",
        static (p, memo) =>
        {
            p.Text("grain", memo.GrainId);
            p.Bigint("batch", memo.Batch);
            p.Blob("entries", memo.Entries);
        });

    public static readonly SqlStatement<CommitMemoAge> Prune = new(
        "delete from commit_memo where grain_id = @grain and written_ms <= {now_ms} - @age", Bind);

    private static void Bind(SqlParameters p, CommitMemoAge of)
    {
        p.Text("grain", of.GrainId);
        p.Bigint("age", of.AgeMs);
    }
}

/// <summary>One batch of one grain.</summary>
internal sealed record CommitMemo(string GrainId, long Batch, byte[] Entries);

/// <summary>One grain's rows on one side of an age.</summary>
internal sealed record CommitMemoAge(string GrainId)
{
    public long AgeMs { get; } = (long)CommitMemos.Life.TotalMilliseconds;
}

/// <summary>The entries of a batch.</summary>
internal sealed record CommitMemoRow(byte[] Entries);
