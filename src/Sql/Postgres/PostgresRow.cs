using Npgsql;

namespace Vault.Sql.Postgres;

/// <summary>The row on which a reader stands.</summary>
internal sealed class PostgresRow(NpgsqlDataReader reader) : SqlRow
{
    public override bool IsNull(int column) => reader.IsDBNull(column);

    public override long Bigint(int column) => Value<long>(column);

    public override bool Bool(int column) => Value<bool>(column);

    public override string Text(int column) => Value<string>(column);

    public override byte[] Blob(int column) => Value<byte[]>(column);

    public override ReadOnlySpan<byte> BlobSpan(int column) => Value<byte[]>(column);

    private T Value<T>(int column) => reader.IsDBNull(column)
        ? throw new SqlException($"Column {column} is null.")
        : reader.GetFieldValue<T>(column);
}
