using System.Text;
using SQLitePCL;
using static SQLitePCL.raw;

namespace Vault.Sql.Sqlite;

/// <summary>The row on which a prepared statement stands.</summary>
internal sealed class SqliteRow(sqlite3_stmt statement) : SqlRow
{
    public override bool IsNull(int column) => sqlite3_column_type(statement, column) == SQLITE_NULL;

    public override long Bigint(int column)
    {
        var value = sqlite3_column_int64(statement, column);
        if (value == 0)
        {
            RefuseNull(column);
        }

        return value;
    }

    public override bool Bool(int column) => Bigint(column) != 0;

    // As bytes with their length: the binding's text ends at the first U+0000.
    public override string Text(int column) => Encoding.UTF8.GetString(BlobSpan(column));

    public override byte[] Blob(int column) => BlobSpan(column).ToArray();

    public override ReadOnlySpan<byte> BlobSpan(int column)
    {
        var bytes = sqlite3_column_blob(statement, column);
        if (bytes.IsEmpty)
        {
            RefuseNull(column);
        }

        return bytes;
    }

    private void RefuseNull(int column)
    {
        if (IsNull(column))
        {
            throw new SqlException($"Column {column} is null.");
        }
    }
}
