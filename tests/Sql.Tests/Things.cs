namespace Vault.Sql.Tests;

public sealed record Thing(long Id, string? Value, long Version);

/// <summary>Statements on the table <c>thing</c>.</summary>
internal static class Things
{
    public static readonly SqlStatement<(long Id, string? Value)> Insert = new(
        "insert into thing (id, value) values (@id, @value)",
        static (p, a) =>
        {
            p.Bigint("id", a.Id);
            p.Text("value", a.Value);
        });

    public static readonly SqlQuery<(long Id, string? Value), long> Upsert = new(
        """
        insert into thing (id, value) values (@id, @value)
        on conflict (id) do update set value = excluded.value, version = thing.version + 1
        returning version
        """,
        static (p, a) =>
        {
            p.Bigint("id", a.Id);
            p.Text("value", a.Value);
        },
        static r => r.Bigint(0));

    public static readonly SqlStatement<long> Exists = new(
        "select 1 from thing where id = @id for share", static (p, id) => p.Bigint("id", id));

    public static readonly SqlStatement<(long Id, long Version)> HasVersion = new(
        "select 1 from thing where id = @id and version = @version for share",
        static (p, a) =>
        {
            p.Bigint("version", a.Version);
            p.Bigint("id", a.Id);
        });

    public static readonly SqlStatement<(long Id, string Value)> Change = new(
        "update thing set value = @value, version = version + 1 where id = @id returning 1",
        static (p, a) =>
        {
            p.Text("value", a.Value);
            p.Bigint("id", a.Id);
        });

    public static readonly SqlStatement<long> Delete = new(
        "delete from thing where id = @id", static (p, id) => p.Bigint("id", id));

    public static readonly SqlQuery<long, Thing> Get = new(
        "select id, value, version from thing where id = @id", static (p, id) => p.Bigint("id", id), Read);

    public static readonly SqlQuery<long, Thing> From = new(
        "select id, value, version from thing where id >= @id order by id", static (p, id) => p.Bigint("id", id), Read);

    public static readonly SqlQuery<long, long> Count = new(
        "select count(*) from thing where id >= @id", static (p, id) => p.Bigint("id", id), static r => r.Bigint(0));

    public static async Task<Thing?> GetAsync(this Database database, long id)
        => (await database.QueryAsync(Get, id)).SingleOrDefault();

    public static async Task<long> CountAsync(this Database database)
        => (await database.QueryAsync(Count, long.MinValue))[0];

    public static async Task InsertAsync(this Database database, long id, string? value)
    {
        var transaction = database.Begin();
        transaction.Execute(Insert, (id, value));
        await transaction.CommitAsync();
    }

    private static Thing Read(SqlRow row) => new(row.Bigint(0), row.TextOrNull(1), row.Bigint(2));
}
