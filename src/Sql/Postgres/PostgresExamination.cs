using System.Security.Cryptography;
using Npgsql;

namespace Vault.Sql.Postgres;

/// <summary>What an operator should know of a server before a cluster rests on it.</summary>
public static class PostgresExamination
{
    private const int WaitMilliseconds = 3000;
    private const int Notifications = 3;

    /// <summary>
    /// Whether a notification reaches who listens, over connections as the bus makes them. It does not when a proxy
    /// lends the connection to another between two transactions.
    /// </summary>
    /// <exception cref="SqlException">The server cannot be asked.</exception>
    public static async Task<bool> HearsNotificationsAsync(string connectionString, CancellationToken ct = default)
    {
        var channel = "vault_doctor_" + RandomNumberGenerator.GetHexString(16, lowercase: true);
        try
        {
            await using var listener = await OpenAsync(connectionString, ct).ConfigureAwait(false);
            await using var sender = await OpenAsync(connectionString, ct).ConfigureAwait(false);
            var heard = 0;
            listener.Notification += (_, e) => heard += e.Channel == channel ? 1 : 0;
            await ExecuteAsync(listener, $"listen {channel}", ct).ConfigureAwait(false);
            for (var i = 0; i < Notifications; i++)
            {
                await ExecuteAsync(sender, $"notify {channel}", ct).ConfigureAwait(false);
                while (heard <= i && await listener.WaitAsync(WaitMilliseconds, ct).ConfigureAwait(false))
                {
                    // another's notification, or ours
                }

                if (heard <= i) return false;
            }

            return true;
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            throw PostgresErrors.Connecting(e);
        }
    }

    /// <summary>How safe an acknowledged commit is.</summary>
    /// <exception cref="SqlException">The server cannot be asked.</exception>
    public static async Task<PostgresDurability> DurabilityAsync(
        string connectionString, CancellationToken ct = default)
    {
        try
        {
            await using var connection = await OpenAsync(connectionString, ct).ConfigureAwait(false);
            await using var command = new NpgsqlCommand(
                """
                select current_setting('synchronous_commit'), current_setting('fsync'),
                  (select count(*) from pg_stat_replication),
                  (select count(*) from pg_stat_replication where sync_state in ('sync', 'quorum')),
                  (select count(*) from pg_stat_replication where sync_state is null)
                """, connection);
            await using var reader = await command.ExecuteReaderAsync(ct).ConfigureAwait(false);
            await reader.ReadAsync(ct).ConfigureAwait(false);
            return new PostgresDurability
            {
                SynchronousCommit = reader.GetString(0),
                Fsync = reader.GetString(1) == "on",
                Standbys = (int)reader.GetInt64(2),
                SynchronousStandbys = (int)reader.GetInt64(3),
                HiddenStandbys = (int)reader.GetInt64(4),
            };
        }
        catch (NpgsqlException e)
        {
            throw PostgresErrors.Connecting(e);
        }
    }

    private static async Task<NpgsqlConnection> OpenAsync(string connectionString, CancellationToken ct)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString)
        {
            ApplicationName = "vault doctor", Pooling = false, Timeout = 3, CommandTimeout = 3,
        }.ConnectionString);
        try
        {
            await connection.OpenAsync(ct).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string text, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(text, connection);
        await command.ExecuteNonQueryAsync(ct).ConfigureAwait(false);
    }
}

/// <summary>What an acknowledged commit survives.</summary>
public sealed record PostgresDurability
{
    /// <summary>The server's setting.</summary>
    public required string SynchronousCommit { get; init; }

    /// <summary>Whether the server syncs to its disk.</summary>
    public required bool Fsync { get; init; }

    /// <summary>Standbys attached.</summary>
    public required int Standbys { get; init; }

    /// <summary>Those of them for which a commit waits.</summary>
    public required int SynchronousStandbys { get; init; }

    /// <summary>Those whose state this user may not see.</summary>
    public required int HiddenStandbys { get; init; }
}
