using System.Data.Common;
using Npgsql;
using NpgsqlTypes;

namespace Vault.Sql.Postgres;

/// <summary>Collects one execution's values in the order of the text's numbers.</summary>
internal sealed class PostgresParameters : SqlParameters
{
    private PostgresText text = null!;
    private NpgsqlParameter?[] values = [];
    private int position;

    public void Begin(PostgresText next)
    {
        text = next;
        values = next.Names.Length == 0 ? [] : new NpgsqlParameter?[next.Names.Length];
        position = 0;
    }

    public void MoveTo(DbParameterCollection parameters)
    {
        for (var i = 0; i < values.Length; i++)
        {
            parameters.Add(values[i] ?? throw new SqlException($"The binder did not set @{text.Names[i]}."));
        }
    }

    public override void Bigint(string name, long value)
        => Set(name, new NpgsqlParameter<long> { TypedValue = value, NpgsqlDbType = NpgsqlDbType.Bigint });

    public override void Bigint(string name, long? value)
    {
        if (value is { } number)
        {
            Bigint(name, number);
        }
        else
        {
            Set(name, Null(NpgsqlDbType.Bigint));
        }
    }

    public override void Bool(string name, bool value)
        => Set(name, new NpgsqlParameter<bool> { TypedValue = value, NpgsqlDbType = NpgsqlDbType.Boolean });

    public override void Text(string name, string? value)
        => Set(name, value is null
            ? Null(NpgsqlDbType.Text)
            : new NpgsqlParameter<string> { TypedValue = value, NpgsqlDbType = NpgsqlDbType.Text });

    public override void Blob(string name, ReadOnlySpan<byte> value) => Blob(name, value.ToArray());

    public override void Blob(string name, ReadOnlyMemory<byte> value)
        => Set(name, new NpgsqlParameter<ReadOnlyMemory<byte>>
        {
            TypedValue = value, NpgsqlDbType = NpgsqlDbType.Bytea,
        });

    public override void Blob(string name, byte[]? value)
        => Set(name, value is null
            ? Null(NpgsqlDbType.Bytea)
            : new NpgsqlParameter<byte[]> { TypedValue = value, NpgsqlDbType = NpgsqlDbType.Bytea });

    private static NpgsqlParameter Null(NpgsqlDbType type) => new() { Value = DBNull.Value, NpgsqlDbType = type };

    private void Set(string name, NpgsqlParameter value)
    {
        // Binders mostly keep the order of the text.
        var names = text.Names;
        var index = position < names.Length && names[position] == name ? position : Array.IndexOf(names, name);
        if (index < 0)
        {
            throw new SqlException($"The statement has no parameter @{name}.");
        }

        position++;
        values[index] = value;
    }
}
