namespace Vault.Sql;

/// <summary>Settings of the cluster database.</summary>
public sealed class PostgresOptions
{
    /// <summary>Npgsql connection string: host, port, database, user, password, TLS.</summary>
    public required string ConnectionString { get; set; }

    /// <summary>
    /// Connections kept at most for each core of this machine, 6 to 32 in all, unless the connection string names a
    /// <c>Maximum Pool Size</c>. A transaction waits cheaper for a connection than inside the server, and each
    /// connection plans every statement for itself.
    /// </summary>
    public int ConnectionsPerCore { get; set; } = 3;

    /// <summary>Time for a statement, a lock, or an idle transaction, on the server.</summary>
    public TimeSpan StatementTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Time for the server to answer at all, after which the connection is given up.</summary>
    public TimeSpan AnswerTimeout { get; set; } = TimeSpan.FromSeconds(4);

    /// <summary>Time to get a connection.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(3);
}
