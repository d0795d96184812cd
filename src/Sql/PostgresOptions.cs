namespace Vault.Sql;

/// <summary>Settings of the cluster database.</summary>
public sealed class PostgresOptions
{
    /// <summary>Npgsql connection string: host, port, database, user, password, TLS.</summary>
    public required string ConnectionString { get; set; }

    /// <summary>Connections kept at most.</summary>
    public int Connections { get; set; } = 32;

    /// <summary>Time for a statement, a lock, or an idle transaction, on the server.</summary>
    public TimeSpan StatementTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Time for the server to answer at all, after which the connection is given up.</summary>
    public TimeSpan AnswerTimeout { get; set; } = TimeSpan.FromSeconds(4);

    /// <summary>Time to get a connection.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(3);
}
