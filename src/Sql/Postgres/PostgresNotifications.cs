using Npgsql;

namespace Vault.Sql.Postgres;

/// <summary>
/// LISTEN and NOTIFY of one process: one connection that only listens, one that only sends, both outside the pool and
/// never in a transaction with data.
/// </summary>
public sealed class PostgresNotifications : IAsyncDisposable
{
    private const int AliveSeconds = 2;

    private readonly string connectionString;
    private NpgsqlConnection? sender;

    public PostgresNotifications(string connectionString)
    {
        this.connectionString = new NpgsqlConnectionStringBuilder(connectionString)
        {
            ApplicationName = "vault events",
            Pooling = false,
            Timeout = AliveSeconds,
            CommandTimeout = AliveSeconds,
            CancellationTimeout = -1,
            // Asks the server while waiting, so that one that hangs or is cut off is noticed.
            KeepAlive = AliveSeconds,
        }.ConnectionString;
    }

    /// <summary>Sends one notification on each channel. One call at a time.</summary>
    /// <exception cref="SqlException">They may or may not have been sent; the next call connects again.</exception>
    public async Task NotifyAsync(
        IReadOnlyList<(string Channel, string Payload)> notifications, CancellationToken ct = default)
    {
        try
        {
            sender ??= await ConnectAsync(ct).ConfigureAwait(false);
            await using var batch = new NpgsqlBatch(sender);
            foreach (var (channel, payload) in notifications)
            {
                var command = new NpgsqlBatchCommand("select pg_notify($1, $2)");
                command.Parameters.Add(new NpgsqlParameter { Value = channel });
                command.Parameters.Add(new NpgsqlParameter { Value = payload });
                batch.BatchCommands.Add(command);
            }

            await batch.ExecuteNonQueryAsync(ct).ConfigureAwait(false);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or InvalidOperationException)
        {
            if (sender is { } broken)
            {
                sender = null;
                await broken.DisposeAsync().ConfigureAwait(false);
            }

            throw new SqlUnavailableException($"A notification was not sent: {e.Message}", e);
        }
    }

    /// <summary>Listens until the connection is lost.</summary>
    /// <param name="channels">Names; they come from the program, never from outside.</param>
    /// <param name="listening">Called when nothing sent from now on is missed.</param>
    /// <param name="received">Called with channel and payload; does not block.</param>
    /// <param name="ct">Ends it.</param>
    /// <exception cref="SqlUnavailableException">The connection is lost, or could not be made.</exception>
    public async Task ListenAsync(
        IEnumerable<string> channels, Action listening, Action<string, string> received,
        CancellationToken ct = default)
    {
        try
        {
            await using var connection = await ConnectAsync(ct).ConfigureAwait(false);
            connection.Notification += (_, e) => received(e.Channel, e.Payload);
            await using (var listen = connection.CreateCommand())
            {
                listen.CommandText = string.Concat(channels.Select(static channel => $"listen {Quoted(channel)};"));
                await listen.ExecuteNonQueryAsync(ct).ConfigureAwait(false);
            }

            listening();
            while (true)
            {
                await connection.WaitAsync(ct).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or InvalidOperationException)
        {
            throw new SqlUnavailableException($"PostgreSQL is not heard: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (sender is { } open) await open.DisposeAsync().ConfigureAwait(false);
        sender = null;
    }

    private static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private async Task<NpgsqlConnection> ConnectAsync(CancellationToken ct)
    {
        var connection = new NpgsqlConnection(connectionString);
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
}
