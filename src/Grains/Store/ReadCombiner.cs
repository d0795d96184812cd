using Vault.Grains.Abstractions.Wire;
using Vault.Sql;

namespace Vault.Grains.Store;

/// <summary>
/// Combines reads of one activation: what waits while a statement is in flight shares the next round trip, so every
/// answer comes from a statement begun after its request arrived (decisions §1.1). A database that answers on the
/// caller's thread (SQLite) never lets anything wait.
/// </summary>
internal sealed class ReadCombiner<TArgs, TRow>(Database database, SqlQuery<TArgs, TRow> query)
    where TArgs : class
    where TRow : class
{
    private const int MaxBatch = 256;
    private const int MaxWaiting = 8192;

    private readonly Queue<Waiter> _waiting = new();
    private readonly List<Waiter> _batch = [];
    private readonly List<TArgs> _args = [];
    private bool _busy;

    /// <summary>The first row, or null.</summary>
    public Task<TRow?> ReadAsync(TArgs args, CancellationToken ct)
    {
        if (ct.IsCancellationRequested)
        {
            return Task.FromCanceled<TRow?>(ct);
        }

        if (!_busy)
        {
            return ReadNow(args, ct);
        }

        if (_waiting.Count >= MaxWaiting)
        {
            return Task.FromException<TRow?>(new StoreUnavailableException("Too many reads wait for the database."));
        }

        var waiter = new Waiter(args, ct);
        _waiting.Enqueue(waiter);
        return waiter.Task;
    }

    private Task<TRow?> ReadNow(TArgs args, CancellationToken ct)
    {
        _args.Clear();
        _args.Add(args);
        var rows = database.ReadEachAsync(query, _args, CancellationToken.None);
        if (rows.IsCompletedSuccessfully)
        {
            return Task.FromResult(rows.Result[0]);
        }

        _busy = true;
        var waiter = new Waiter(args, ct);
        _batch.Clear();
        _batch.Add(waiter);
        _ = PumpAsync(rows);
        return waiter.Task;
    }

    private async Task PumpAsync(Task<TRow?[]> rows)
    {
        while (true)
        {
            try
            {
                var answers = await rows;
                for (var i = 0; i < answers.Length; i++)
                {
                    _batch[i].TrySetResult(answers[i]);
                }
            }
#pragma warning disable CA1031 // every waiter must be answered, whatever happened
            catch (Exception e)
#pragma warning restore CA1031
            {
                foreach (var waiter in _batch)
                {
                    waiter.TrySetException(e);
                }
            }

            if (!Take())
            {
                _busy = false;
                return;
            }

            rows = database.ReadEachAsync(query, _args, CancellationToken.None);
        }
    }

    private bool Take()
    {
        _batch.Clear();
        _args.Clear();
        while (_batch.Count < MaxBatch && _waiting.TryDequeue(out var waiter))
        {
            if (waiter.Token.IsCancellationRequested)
            {
                waiter.TrySetCanceled(waiter.Token);
                continue;
            }

            _batch.Add(waiter);
            _args.Add(waiter.Args);
        }

        return _batch.Count > 0;
    }

    private sealed class Waiter(TArgs args, CancellationToken token)
        : TaskCompletionSource<TRow?>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public TArgs Args { get; } = args;

        public CancellationToken Token { get; } = token;
    }
}
