using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Vault.Testing.Histories;

namespace Vault.Cluster.Tests.Kill;

/// <summary>Everything that clients asked and were answered, and what was done to the server meanwhile.</summary>
internal sealed class KillHistory
{
    private readonly ConcurrentQueue<string> _violations = new();
    private readonly List<Wait> _waits = [];
    private long _nextId;

    /// <summary>What was asked about keys.</summary>
    public History Keys { get; } = new();

    /// <summary>The creators that raced for one key each.</summary>
    public ConcurrentQueue<IReadOnlyList<Operation>> Races { get; } = new();

    /// <summary>What copies read, by the id of the write that they made.</summary>
    public ConcurrentDictionary<long, CopyRead> Copies { get; } = new();

    public ConcurrentQueue<RequestEvent> Requests { get; } = new();

    public ConcurrentQueue<FaultEvent> Faults { get; } = new();

    /// <summary>What was wrong at first sight.</summary>
    public IReadOnlyCollection<string> Violations => _violations;

    /// <summary>When it began, by the test's clock.</summary>
    public long Began { get; } = Now;

    /// <summary>The test's clock.</summary>
    public static long Now => Stopwatch.GetTimestamp();

    /// <summary>The value that a write leaves; null when nothing is there.</summary>
    public static string? Name(long id) => id == 0 ? null : id.ToString(CultureInfo.InvariantCulture);

    /// <summary>An id that no other write has.</summary>
    public long NewId() => Interlocked.Increment(ref _nextId);

    public void Violated(string what) => _violations.Enqueue(what);

    /// <summary>Notes a request that has come to its end.</summary>
    public void Ended(in RequestEvent request)
    {
        Requests.Enqueue(request);
        lock (_waits)
        {
            for (var i = _waits.Count - 1; i >= 0; i--)
            {
                if (_waits[i].Counts(request)) _waits.RemoveAt(i);
            }
        }
    }

    /// <summary>Waits until so many further requests have come to their end, however they ended.</summary>
    /// <param name="count">How many, at least one.</param>
    /// <param name="since">Counts only those that were sent after this moment of the test's clock.</param>
    /// <param name="ct">Waits no longer.</param>
    public Task EndedAsync(int count, long since, CancellationToken ct)
    {
        var wait = new Wait(count, since);
        lock (_waits) _waits.Add(wait);
        return wait.Over.WaitAsync(ct);
    }

    private sealed class Wait(int count, long since)
    {
        private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _left = count;

        public Task Over => _over.Task;

        /// <summary>Whether this was the last one waited for.</summary>
        public bool Counts(in RequestEvent request)
        {
            if (request.Invoked < since || --_left > 0) return false;
            _over.TrySetResult();
            return true;
        }
    }
}
