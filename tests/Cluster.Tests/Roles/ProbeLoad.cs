using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using Vault.Testing;

namespace Vault.Cluster.Tests.Roles;

/// <summary>
/// Workers that each write and read one key, twenty times a second at most and without retries, so that every silo owns
/// some of the grains behind them; each fourth key is too large to go inline. What is read must be the last write that
/// was acknowledged, or one whose outcome is unknown.
/// </summary>
internal sealed class ProbeLoad : IAsyncDisposable
{
    private const string Bucket = "probe";
    private const int Inline = 1_000;
    private const int Stored = 20_000;

    /// <summary>Longer than any front end takes for an answer, be it that nobody knows.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly List<ProbeCall> _calls = [];
    private readonly List<Recovery> _recoveries = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly IReadOnlyList<S3TestClient> _clients;
    private readonly ReadyBalancer? _balancer;
    private readonly Task[] _workers;

    private int _turn;

    private ProbeLoad(IReadOnlyList<S3TestClient> clients, int workers, ReadyBalancer? balancer)
    {
        (_clients, _balancer) = (clients, balancer);
        _workers = [.. Enumerable.Range(0, workers).Select(WorkAsync)];
    }

    public TimeSpan Now => _clock.Elapsed;

    public int Workers => _workers.Length;

    /// <summary>Makes the bucket and begins.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="workers">How many.</param>
    /// <param name="balancer">Says which gateway the next request goes to; null for one after the other.</param>
    /// <param name="ct">Gives up beginning.</param>
    public static async Task<ProbeLoad> BeginAsync(
        ClusterFixture cluster, int workers, ReadyBalancer? balancer, CancellationToken ct)
    {
        var clients = Enumerable.Range(0, cluster.Gateways.Count).Select(n => cluster.Client(n)).ToArray();
        await clients[0].CreateBucketAsync(Bucket, ct);
        var load = new ProbeLoad(clients, workers, balancer);
        await load.RecoveredAsync(load.Now, ct);
        return load;
    }

    /// <summary>
    /// Waits until each worker has written and read with success in calls that began after a moment; how long after it
    /// the last one ended.
    /// </summary>
    public Task<TimeSpan> RecoveredAsync(TimeSpan since, CancellationToken ct)
    {
        var recovery = new Recovery(since, 2 * Workers);
        lock (_calls)
        {
            foreach (var call in EndedSince(since)) recovery.Note(call);
            if (!recovery.Over.IsCompleted) _recoveries.Add(recovery);
        }

        return recovery.Over.WaitAsync(ct);
    }

    /// <summary>Waits until every worker has had its successes for a while from now on.</summary>
    public Task SettledAsync(CancellationToken ct, TimeSpan? time = null) =>
        RecoveredAsync(Now + (time is { } given && given > TimeSpan.Zero ? given : TimeSpan.FromSeconds(1)), ct);

    /// <summary>Calls that failed or were under way between two moments.</summary>
    public IReadOnlyList<ProbeCall> Between(TimeSpan from, TimeSpan to)
    {
        lock (_calls) return [.. EndedSince(from).Where(c => c.Started <= to)];
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_workers);
        foreach (var client in _clients) client.Dispose();
        _stopping.Dispose();
    }

    private async Task WorkAsync(int worker)
    {
        var body = new byte[worker % 4 == 3 ? Stored : Inline];
        new Random(worker).NextBytes(body);
        var key = S3TestClient.Target(Bucket, $"worker-{worker}");
        long written = 0, acknowledged = 0;
        HashSet<long> unknown = [];
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!_stopping.IsCancellationRequested)
        {
            await pace.WaitForNextTickAsync();
            BinaryPrimitives.WriteInt64LittleEndian(body, ++written);
            if (await CallAsync(worker, "PUT", client => client.SendAsync("PUT", key, body)) is null)
                unknown.Add(written);
            else acknowledged = written;
            await pace.WaitForNextTickAsync();
            await CallAsync(
                worker, "GET", client => client.SendAsync("GET", key),
                read => read == acknowledged || unknown.Contains(read));
        }
    }

    /// <returns>The body's number; null for a failure.</returns>
    private async Task<long?> CallAsync(
        int worker, string what, Func<S3TestClient, Task<HttpResponseMessage>> send, Func<long, bool>? isRight = null)
    {
        var started = Now;
        string? failure = null;
        long number = 0;
        var gateway = _balancer?.Next() ?? (Interlocked.Increment(ref _turn) & 0x7fffffff) % _clients.Count;
        try
        {
            using var answer = await send(_clients[gateway]).WaitAsync(Patience, _balancer?.Left(gateway) ?? default);
            var body = await answer.Content.ReadAsByteArrayAsync();
            if (answer.StatusCode != HttpStatusCode.OK)
                failure = $"{(int)answer.StatusCode} {await S3TestClient.CodeAsync(answer)} of gateway-{gateway + 1}";
            else if (isRight is not null && !isRight(number = BinaryPrimitives.ReadInt64LittleEndian(body)))
                failure = $"{ProbeCall.Stale} write {number} of gateway-{gateway + 1}";
        }
        catch (Exception e)
            when (e is HttpRequestException or IOException or TimeoutException or OperationCanceledException)
        {
            failure = $"{e.GetType().Name}: {e.Message} of gateway-{gateway + 1}";
        }

        lock (_calls)
        {
            var call = new ProbeCall(worker, what, started, Now, failure);
            _calls.Add(call);
            _recoveries.RemoveAll(recovery => recovery.Note(call));
        }

        return failure is null ? number : null;
    }

    /// <summary>The calls that ended after a moment, the latest first.</summary>
    private IEnumerable<ProbeCall> EndedSince(TimeSpan moment)
    {
        for (var i = _calls.Count - 1; i >= 0 && _calls[i].Ended >= moment; i--) yield return _calls[i];
    }

    /// <summary>Waits for the first success of every worker.</summary>
    private sealed class Recovery(TimeSpan since, int successes)
    {
        private readonly TaskCompletionSource<TimeSpan> _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Dictionary<(int Worker, string What), TimeSpan> _first = [];

        public Task<TimeSpan> Over => _over.Task;

        /// <summary>Whether no call is missing any more.</summary>
        public bool Note(ProbeCall call)
        {
            if (call.Failure is not null || call.Started < since) return false;
            var first = _first.GetValueOrDefault((call.Worker, call.What), TimeSpan.MaxValue);
            if (call.Ended < first) _first[(call.Worker, call.What)] = call.Ended;
            return _first.Count == successes && _over.TrySetResult(_first.Values.Max() - since);
        }
    }
}
