using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Vault.Testing.Histories;

namespace Vault.Cluster.Tests.Kill;

/// <summary>Everything that clients asked and were answered, and what was done to the server meanwhile.</summary>
internal sealed class KillHistory
{
    private readonly ConcurrentQueue<string> _violations = new();
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
}
