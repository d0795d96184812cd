using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Vault.Testing;

namespace Vault.Cluster.Tests.Roles;

/// <summary>
/// Workers that each write and read one key, a hundred times a second at most and without retries, so that every silo
/// owns some of the grains behind them; each fourth key is too large to go inline.
/// </summary>
internal sealed class ProbeLoad : IAsyncDisposable
{
    private const string Bucket = "probe";
    private const int Inline = 1_000;
    private const int Stored = 20_000;

    private readonly ConcurrentQueue<ProbeCall> _calls = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly IReadOnlyList<S3TestClient> _clients;
    private readonly Func<int> _gateway;
    private readonly Task[] _workers;

    private ProbeLoad(IReadOnlyList<S3TestClient> clients, int workers, Func<int> gateway)
    {
        (_clients, _gateway) = (clients, gateway);
        _workers = [.. Enumerable.Range(0, workers).Select(WorkAsync)];
    }

    public TimeSpan Now => _clock.Elapsed;

    public IReadOnlyCollection<ProbeCall> Calls => _calls;

    public int Workers => _workers.Length;

    /// <summary>Makes the bucket and begins.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="workers">How many.</param>
    /// <param name="gateway">Which gateway the next request goes to; null for one after the other.</param>
    /// <param name="ct">Gives up beginning.</param>
    public static async Task<ProbeLoad> BeginAsync(
        ClusterFixture cluster, int workers, Func<int>? gateway, CancellationToken ct)
    {
        var clients = Enumerable.Range(0, cluster.Gateways.Count).Select(n => cluster.Client(n)).ToArray();
        await clients[0].CreateBucketAsync(Bucket, ct);
        var turn = 0;
        var load = new ProbeLoad(
            clients, workers, gateway ?? (() => (Interlocked.Increment(ref turn) & 0x7fffffff) % clients.Length));
        await load.RecoveredAsync(load.Now, ct);
        return load;
    }

    /// <summary>
    /// Waits until each worker has written and read with success in calls that began after a moment; how long after it
    /// the last one ended.
    /// </summary>
    public async Task<TimeSpan> RecoveredAsync(TimeSpan since, CancellationToken ct)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            var first = _calls.Where(c => c.Failure is null && c.Started >= since).GroupBy(c => (c.Worker, c.What))
                .Select(g => g.Min(c => c.Ended)).ToArray();
            if (first.Length == 2 * Workers) return first.Max() - since;
            await timer.WaitForNextTickAsync(ct);
        }
    }

    /// <summary>Calls that failed or were under way between two moments.</summary>
    public IEnumerable<ProbeCall> Between(TimeSpan from, TimeSpan to) =>
        _calls.Where(c => c.Ended >= from && c.Started <= to);

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
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!_stopping.IsCancellationRequested)
        {
            await pace.WaitForNextTickAsync();
            var key = $"worker-{worker}";
            await CallAsync(worker, "PUT", client => client.SendAsync("PUT", S3TestClient.Target(Bucket, key), body));
            await CallAsync(worker, "GET", client => client.SendAsync("GET", S3TestClient.Target(Bucket, key)));
        }
    }

    private async Task CallAsync(int worker, string what, Func<S3TestClient, Task<HttpResponseMessage>> send)
    {
        var started = Now;
        string? failure = null;
        var gateway = _gateway();
        try
        {
            using var answer = await send(_clients[gateway]).WaitAsync(TimeSpan.FromSeconds(60));
            await answer.Content.ReadAsByteArrayAsync();
            if (answer.StatusCode != HttpStatusCode.OK)
            {
                failure = $"{(int)answer.StatusCode} {await S3TestClient.CodeAsync(answer)} of gateway-{gateway + 1}";
                await Task.Delay(10); // an answer that comes at once is not asked for again without any pause
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException or TimeoutException)
        {
            failure = $"{e.GetType().Name}: {e.Message} of gateway-{gateway + 1}";
            await Task.Delay(10);
        }

        _calls.Enqueue(new ProbeCall(worker, what, started, Now, failure));
    }
}
