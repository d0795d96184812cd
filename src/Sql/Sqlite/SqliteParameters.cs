using System.Buffers;
using System.Text;
using SQLitePCL;
using Vault.Sql.Dialects;
using static SQLitePCL.raw;

namespace Vault.Sql.Sqlite;

/// <summary>Binds values straight into the prepared statement.</summary>
internal sealed class SqliteParameters : SqlParameters
{
    private readonly sqlite3_stmt statement;
    private readonly SqliteConnection connection;
    private readonly string[] names;
    private readonly string?[] orderedNames;
    private readonly int[] orderedIndexes;
    private readonly bool[] isSet;
    private readonly int now;
    private int position;

    public SqliteParameters(sqlite3_stmt statement, SqliteConnection connection)
    {
        this.statement = statement;
        this.connection = connection;
        names = new string[sqlite3_bind_parameter_count(statement)];
        for (var i = 0; i < names.Length; i++)
        {
            var name = sqlite3_bind_parameter_name(statement, i + 1).utf8_to_string();
            if (name is not ['@', ..])
            {
                throw new SqlException($"A parameter is written @name, not {name ?? "?"}.");
            }

            names[i] = name[1..];
        }

        now = Array.IndexOf(names, SqliteDialect.NowParameter);
        orderedNames = new string?[names.Length];
        orderedIndexes = new int[names.Length];
        isSet = new bool[names.Length];
    }

    public void Begin()
    {
        position = 0;
        isSet.AsSpan().Clear();
        if (now >= 0)
        {
            isSet[now] = true;
            Check(sqlite3_bind_int64(statement, now + 1, connection.Time.GetUtcNow().ToUnixTimeMilliseconds()));
        }
    }

    public void End()
    {
        var missing = Array.IndexOf(isSet, false);
        if (missing >= 0)
        {
            throw new SqlException($"The binder did not set @{names[missing]}.");
        }
    }

    public override void Bigint(string name, long value) => Check(sqlite3_bind_int64(statement, Index(name), value));

    public override void Bigint(string name, long? value)
    {
        var index = Index(name);
        Check(value is { } number
            ? sqlite3_bind_int64(statement, index, number)
            : sqlite3_bind_null(statement, index));
    }

    public override void Bool(string name, bool value)
        => Check(sqlite3_bind_int64(statement, Index(name), value ? 1 : 0));

    public override void Text(string name, string? value)
    {
        var index = Index(name);
        if (value is null)
        {
            Check(sqlite3_bind_null(statement, index));
            return;
        }

        byte[]? rented = null;
        var room = Encoding.UTF8.GetMaxByteCount(value.Length);
        var buffer = room <= 512 ? stackalloc byte[512] : rented = ArrayPool<byte>.Shared.Rent(room);
        var length = Encoding.UTF8.GetBytes(value, buffer);
        Check(sqlite3_bind_text(statement, index, buffer[..length]));
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    public override void Blob(string name, ReadOnlySpan<byte> value)
        => Check(sqlite3_bind_blob(statement, Index(name), value));

    public override void Blob(string name, byte[]? value)
    {
        if (value is null)
        {
            Check(sqlite3_bind_null(statement, Index(name)));
        }
        else
        {
            Blob(name, value.AsSpan());
        }
    }

    /// <summary>The parameter's number; a binder that keeps its order pays one reference comparison.</summary>
    private int Index(string name)
    {
        var at = position++;
        if (at < orderedNames.Length && ReferenceEquals(orderedNames[at], name))
        {
            isSet[orderedIndexes[at]] = true;
            return orderedIndexes[at] + 1;
        }

        var index = Array.IndexOf(names, name);
        if (index < 0)
        {
            throw new SqlException($"The statement has no parameter @{name}.");
        }

        if (at < orderedNames.Length)
        {
            orderedNames[at] = name;
            orderedIndexes[at] = index;
        }

        isSet[index] = true;
        return index + 1;
    }

    private void Check(int code)
    {
        if (code != SQLITE_OK)
        {
            throw connection.Failure(code);
        }
    }
}
