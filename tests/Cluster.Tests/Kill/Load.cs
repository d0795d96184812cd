using Vault.Testing;

namespace Vault.Cluster.Tests.Kill;

/// <summary>The mixed load: all clients, through all gateways, without retries.</summary>
internal sealed class Load(KillHistory history, IReadOnlyList<S3TestClient> gateways, string bucket, int seed)
    : IAsyncDisposable
{
    public const int HotKeys = 20;
    public const int ClientsOfAHotKey = 8;

    private const int ColdGroups = 6;
    private const int ColdClients = 24;

    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    /// <summary>Begins.</summary>
    /// <param name="pace">Mean time between two requests of one client.</param>
    public void Start(TimeSpan pace)
    {
        var caller = new S3Caller(history, gateways, bucket);
        var keys = new KeyCaller(history, caller);
        var uploads = new MultipartCaller(history, caller, keys);
        var lists = new ListCaller(history, caller);
        var clients = new List<LoadClient>();
        for (var n = 0; n < HotKeys * ClientsOfAHotKey; n++)
            clients.Add(new HotClient(keys, $"hot/{n / ClientsOfAHotKey:D2}", n, seed + n, pace));
        for (var n = 0; n < ColdClients; n++)
            clients.Add(new ColdClient(keys, uploads, n % ColdGroups, HotKeys, seed + 1000 + n, pace));
        for (var n = 0; n < 2; n++)
        {
            clients.Add(new RaceClient(history, keys, lists, gateways.Count, n, seed + 2000 + n, 2 * pace));
            clients.Add(new ListClient(lists, ColdGroups, seed + 3000 + n, 2 * pace));
            clients.Add(new BucketClient(history, caller, n, seed + 4000 + n, 2 * pace));
        }

        _running = Task.WhenAll(clients.Select(c => c.RunAsync(_stop.Token)));
    }

    /// <summary>Ends when every client has its last answer.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    /// <summary>Reads every key that was ever touched through every gateway, and lists them.</summary>
    public async Task ReadEverythingAsync()
    {
        var caller = new S3Caller(history, gateways, bucket);
        var keys = new KeyCaller(history, caller);
        var names = history.Keys.Keys;
        await Parallel.ForEachAsync(names, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (name, _) =>
        {
            for (var gateway = 0; gateway < gateways.Count; gateway++)
            {
                if (!await keys.GetAsync(gateway, name)) history.Violated($"{name} cannot be read after healing");
            }
        });
        var lists = new ListCaller(history, caller);
        if (!await lists.ListAsync(0, "", 1000)) history.Violated("no listing after healing");
    }
}
