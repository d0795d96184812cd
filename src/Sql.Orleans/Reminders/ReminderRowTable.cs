using System.Text;

namespace Vault.Sql.Orleans.Reminders;

/// <summary>One reminder of one grain.</summary>
internal readonly record struct ReminderKey(GrainId Grain, string Name)
{
    public static byte[] Bytes(GrainId grain) => Encoding.UTF8.GetBytes(grain.ToString());
}

/// <summary>SQL over <c>reminder</c>.</summary>
internal static class ReminderRowTable
{
    private const string Columns = "select grain_id, name, start_ms, period_ms, etag from reminder ";

    public static readonly SqlQuery<GrainId, ReminderEntry> OfGrain = new(
        Columns + "where grain_id = @grain_id order by name",
        static (p, grain) => p.Blob("grain_id", ReminderKey.Bytes(grain)), Read);

    public static readonly SqlQuery<(uint Begin, uint End), ReminderEntry> InRange = new(
        Columns + "where grain_hash > @begin and grain_hash <= @end", BindRange, Read);

    public static readonly SqlQuery<(uint Begin, uint End), ReminderEntry> OutsideRange = new(
        Columns + "where grain_hash > @begin or grain_hash <= @end", BindRange, Read);

    public static readonly SqlQuery<ReminderKey, ReminderEntry> One = new(
        Columns + "where grain_id = @grain_id and name = @name",
        static (p, key) =>
        {
            p.Blob("grain_id", ReminderKey.Bytes(key.Grain));
            p.Text("name", key.Name);
        },
        Read);

    public static readonly SqlQuery<(ReminderEntry Entry, long ETag), long> Upsert = new(
        """
        insert into reminder (grain_id, name, grain_hash, start_ms, period_ms, etag)
        values (@grain_id, @name, @grain_hash, @start_ms, @period_ms, @etag)
        on conflict (grain_id, name) do update
          set start_ms = excluded.start_ms, period_ms = excluded.period_ms, etag = reminder.etag + 1
        returning etag
        """,
        static (p, a) =>
        {
            p.Blob("grain_id", ReminderKey.Bytes(a.Entry.GrainId));
            p.Text("name", a.Entry.ReminderName);
            p.Bigint("grain_hash", a.Entry.GrainId.GetUniformHashCode());
            p.Bigint("start_ms", new DateTimeOffset(a.Entry.StartAt, TimeSpan.Zero).ToUnixTimeMilliseconds());
            p.Bigint("period_ms", (long)a.Entry.Period.TotalMilliseconds);
            p.Bigint("etag", a.ETag);
        },
        static r => r.Bigint(0));

    public static readonly SqlQuery<(ReminderKey Key, long ETag), long> Delete = new(
        "delete from reminder where grain_id = @grain_id and name = @name and etag = @etag returning etag",
        static (p, a) =>
        {
            p.Blob("grain_id", ReminderKey.Bytes(a.Key.Grain));
            p.Text("name", a.Key.Name);
            p.Bigint("etag", a.ETag);
        },
        static r => r.Bigint(0));

    public static readonly SqlStatement<bool> DeleteAll = new("delete from reminder", static (_, _) => { });

    private static void BindRange(SqlParameters p, (uint Begin, uint End) range)
    {
        p.Bigint("begin", range.Begin);
        p.Bigint("end", range.End);
    }

    private static ReminderEntry Read(SqlRow row) => new()
    {
        GrainId = GrainId.Parse(Encoding.UTF8.GetString(row.BlobSpan(0))),
        ReminderName = row.Text(1),
        StartAt = DateTimeOffset.FromUnixTimeMilliseconds(row.Bigint(2)).UtcDateTime,
        Period = TimeSpan.FromMilliseconds(row.Bigint(3)),
        ETag = row.Bigint(4).ToString(System.Globalization.CultureInfo.InvariantCulture),
    };
}
