namespace Vault.Sql.Sqlite;

/// <summary>
/// Read-only connections. A read runs on its caller's thread: a point read is shorter than handing it to another
/// thread. When all connections are busy, callers wait without a thread.
/// </summary>
internal sealed class SqliteReaders(Func<SqliteConnection> open, int capacity) : IDisposable
{
    private readonly SemaphoreSlim free = new(capacity, capacity);
    private readonly Stack<SqliteConnection> idle = new();
    private bool closed;

    public ValueTask<SqliteConnection> RentAsync(CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return free.Wait(0, CancellationToken.None) ? new(Take()) : new(WaitAsync(ct));
    }

    public void Return(SqliteConnection connection)
    {
        lock (idle)
        {
            idle.Push(connection);
        }

        free.Release();
    }

    /// <summary>Waits for the reads that run; later ones are refused.</summary>
    public void Dispose()
    {
        for (var i = 0; i < capacity; i++)
        {
            free.Wait();
        }

        lock (idle)
        {
            closed = true;
            foreach (var connection in idle)
            {
                connection.Dispose();
            }

            idle.Clear();
        }

        free.Release(capacity);
    }

    private async Task<SqliteConnection> WaitAsync(CancellationToken ct)
    {
        await free.WaitAsync(ct).ConfigureAwait(false);
        return Take();
    }

    private SqliteConnection Take()
    {
        try
        {
            lock (idle)
            {
                if (closed)
                {
                    throw new SqlUnavailableException("The database is closed.");
                }

                if (idle.TryPop(out var connection))
                {
                    return connection;
                }
            }

            return open();
        }
        catch
        {
            free.Release();
            throw;
        }
    }
}
