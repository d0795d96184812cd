using System.Text;

namespace Vault.Sql.Sqlite;

/// <summary>The row on which a prepared statement stands.</summary>
internal sealed unsafe class SqliteRow(nint statement) : SqlRow
{
    public override bool IsNull(int column) => Native.ColumnType(statement, column) == Native.TypeNull;

    public override long Bigint(int column)
    {
        var value = Native.ColumnInt64(statement, column);
        if (value == 0)
        {
            RefuseNull(column);
        }

        return value;
    }

    public override bool Bool(int column) => Bigint(column) != 0;

    public override string Text(int column)
    {
        var bytes = Native.ColumnText(statement, column);
        var length = Native.ColumnBytes(statement, column);
        if (length == 0)
        {
            RefuseNull(column);
            return "";
        }

        return Encoding.UTF8.GetString(bytes, length);
    }

    public override byte[] Blob(int column) => BlobSpan(column).ToArray();

    public override ReadOnlySpan<byte> BlobSpan(int column)
    {
        var bytes = Native.ColumnBlob(statement, column);
        var length = Native.ColumnBytes(statement, column);
        if (length == 0)
        {
            RefuseNull(column);
        }

        return new(bytes, length);
    }

    private void RefuseNull(int column)
    {
        if (IsNull(column))
        {
            throw new SqlException($"Column {column} is null.");
        }
    }
}
