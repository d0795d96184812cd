namespace Vault.Sql.Sqlite;

/// <summary>
/// What waits for the writer thread: transactions, bounded, in order of arrival; and rare jobs that need the
/// connection for themselves (migrations), which go first.
/// </summary>
internal sealed class WriterQueue(int capacity, int statementsPerCommit) : IDisposable
{
    private readonly Queue<PendingCommit> commits = new();
    private readonly Queue<Action<SqliteConnection>> jobs = new();
    private readonly SemaphoreSlim slots = new(capacity, capacity);
    private bool closed;

    public ValueTask EnqueueAsync(PendingCommit commit, CancellationToken ct)
    {
        if (!slots.Wait(0, CancellationToken.None))
        {
            return WaitAndEnqueueAsync(commit, ct);
        }

        Add(commit, ct);
        return commit.Task;
    }

    public void Enqueue(Action<SqliteConnection> job)
    {
        lock (commits)
        {
            if (closed)
            {
                throw Closed();
            }

            jobs.Enqueue(job);
            Monitor.Pulse(commits);
        }
    }

    /// <summary>
    /// Waits for work and fills the group with members that have not withdrawn, or returns a job.
    /// </summary>
    /// <returns>False once closed.</returns>
    public bool Take(List<PendingCommit> group, out Action<SqliteConnection>? job)
    {
        var freed = 0;
        lock (commits)
        {
            while (!closed && jobs.Count == 0 && commits.Count == 0)
            {
                Monitor.Wait(commits);
            }

            if (closed)
            {
                job = null;
                return false;
            }

            var statements = 0;
            if (!jobs.TryDequeue(out job))
            {
                while (commits.TryPeek(out var next)
                    && (group.Count == 0 || statements + next.Transaction.Weight <= statementsPerCommit))
                {
                    commits.Dequeue();
                    freed++;
                    if (next.TrySend())
                    {
                        group.Add(next);
                        statements += next.Transaction.Weight;
                    }
                }
            }
        }

        if (freed > 0)
        {
            slots.Release(freed);
        }

        return true;
    }

    /// <summary>Refuses new work; what waits is told that the database is gone.</summary>
    public void Dispose()
    {
        lock (commits)
        {
            closed = true;
            while (commits.TryDequeue(out var waiting))
            {
                waiting.Withdraw(Closed());
                slots.Release();
            }

            Monitor.PulseAll(commits);
        }
    }

    private static SqlUnavailableException Closed() => new("The database is closed.");

    private async ValueTask WaitAndEnqueueAsync(PendingCommit commit, CancellationToken ct)
    {
        await slots.WaitAsync(ct).ConfigureAwait(false);
        Add(commit, ct);
        await commit.Task.ConfigureAwait(false);
    }

    private void Add(PendingCommit commit, CancellationToken ct)
    {
        commit.WatchCancellation(ct);
        lock (commits)
        {
            if (closed)
            {
                commit.Withdraw(Closed());
                slots.Release();
                return;
            }

            commits.Enqueue(commit);
            if (commits.Count == 1)
            {
                Monitor.Pulse(commits);
            }
        }
    }
}
