using Vault.Runtime.Simulation.Scheduling;

namespace Vault.Runtime.Simulation.Database;

/// <summary>
/// The database as a process of its own: requests travel to it and answers back, statements take time and wait for
/// locks, it may be slow, away, or cut off from some. A request that was sent may be carried out although nobody hears
/// of it; it then happens within a bounded time, as statement and lock time-outs see to in the real one.
/// </summary>
internal sealed class DatabaseServer(Scheduler scheduler)
{
    private static readonly TimeSpan StatementLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private readonly Dictionary<Transaction, Session> _waiting = [];
    private readonly HashSet<Session> _running = [];
    private readonly HashSet<SimulatedProcess> _cutOff = [];

    public RowStore Rows { get; } = new(scheduler.Random);

    /// <summary>Whether it takes requests.</summary>
    public bool IsUp { get; private set; } = true;

    /// <summary>How much longer than usual everything takes.</summary>
    public double Slowness { get; set; } = 1;

    /// <summary>The share of statements that take long each.</summary>
    public double Stalling { get; set; }

    /// <summary>Called for each transaction that is committed.</summary>
    public event Action<IReadOnlyList<Statement>>? Committing;

    public void CutOff(SimulatedProcess process) => _cutOff.Add(process);

    public void Reconnect(SimulatedProcess process) => _cutOff.Remove(process);

    /// <summary>It dies: what has not been committed is undone, and nobody hears of what has.</summary>
    public void Crash()
    {
        IsUp = false;
        foreach (var session in _running.ToList())
        {
            End(session, Rows.Rollback(session.Transaction));
        }
    }

    public void Start() => IsUp = true;

    /// <summary>
    /// Sends a whole transaction. It ends at the first check that returns no row, undone; else it is committed.
    /// </summary>
    /// <returns>The results; the last is of the check that failed, if one did.</returns>
    public Task<IReadOnlyList<StatementResult>> ExecuteAsync(SimulatedProcess by, params Statement[] statements) =>
        Request<IReadOnlyList<StatementResult>>(by, answer =>
        {
            var session = new Session(statements, answer);
            _running.Add(session);
            Run(session);
        });

    /// <summary>Does something at one instant, as a transaction does that takes one lock before all else.</summary>
    public Task<T> AtOnceAsync<T>(SimulatedProcess by, Func<T> action) => Request<T>(by, answer => answer(action()));

    private Task<T> Request<T>(SimulatedProcess by, Action<Action<T>> serve)
    {
        var heard = new TaskCompletionSource<T>();
        by.PausePoint();
        var lost = _cutOff.Contains(by) && scheduler.Chance(0.5);
        scheduler.After(Travel(), () =>
        {
            if (lost || _cutOff.Contains(by))
            {
                return;
            }

            if (!IsUp)
            {
                by.Post(() => heard.TrySetException(new DatabaseException("The database refuses connections.")));
                return;
            }

            serve(result => scheduler.After(Travel(), () =>
            {
                if (!_cutOff.Contains(by) && IsUp)
                {
                    by.Post(() => heard.TrySetResult(result));
                }
            }));
        });
        scheduler.After(Patience, () =>
        {
            if (!heard.Task.IsCompleted)
            {
                by.Post(() => heard.TrySetException(new DatabaseException("The database did not answer in time.")));
            }
        });
        return heard.Task;
    }

    private TimeSpan Travel() => scheduler.Between(0.1, 2 * Slowness);

    private void Run(Session session)
    {
        if (!_running.Contains(session))
        {
            return;
        }

        if (session.Results.Count == session.Statements.Length)
        {
            Committing?.Invoke(session.Statements);
            var served = Rows.Commit(session.Transaction);
            End(session, served);
            session.Answer(session.Results);
            return;
        }

        var statement = session.Statements[session.Results.Count];
        if (Rows.Execute(session.Transaction, statement) is { } result)
        {
            Took(session, result);
            return;
        }

        _waiting.Add(session.Transaction, session);
        var waits = session.Results.Count;
        scheduler.After(StatementLimit, () =>
        {
            if (_running.Contains(session) && session.Results.Count == waits)
            {
                // as after a lock time-out: undone, and the client hears an error
                _waiting.Remove(session.Transaction);
                End(session, Rows.Rollback(session.Transaction));
            }
        });
    }

    private void Took(Session session, StatementResult result)
    {
        session.Results.Add(result);
        var statement = session.Statements[session.Results.Count - 1];
        if (result.Row is null && statement.Kind is (StatementKind.Check or StatementKind.CheckLocked))
        {
            End(session, Rows.Rollback(session.Transaction));
            session.Answer(session.Results);
            return;
        }

        var pause = scheduler.Chance(Stalling) ? scheduler.Between(100, 1900) : scheduler.Between(0.05, Slowness);
        scheduler.After(pause, () => Run(session));
    }

    private void End(Session session, List<(Transaction Transaction, StatementResult Result)> served)
    {
        _running.Remove(session);
        _waiting.Remove(session.Transaction);
        foreach (var (transaction, result) in served)
        {
            if (_waiting.Remove(transaction, out var waited))
            {
                Took(waited, result);
            }
        }
    }

    private sealed class Session(Statement[] statements, Action<IReadOnlyList<StatementResult>> answer)
    {
        public Statement[] Statements { get; } = statements;

        public Action<IReadOnlyList<StatementResult>> Answer { get; } = answer;

        public Transaction Transaction { get; } = new();

        public List<StatementResult> Results { get; } = [];
    }
}

/// <summary>The database failed, or did not answer: whether anything happened is not known.</summary>
internal sealed class DatabaseException(string message) : Exception(message);
