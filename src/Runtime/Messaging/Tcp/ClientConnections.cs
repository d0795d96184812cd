using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Vault.Runtime.Ownership;

namespace Vault.Runtime.Messaging.Tcp;

/// <summary>
/// Keeps a client connected: to every silo of the view, so that calls go straight to the owner and observers can be
/// called from anywhere; and, while no silo is connected, to whichever of the seeds answers. While one of the view is
/// not connected the seeds are tried too, less often: the view may be one that nobody else knows any more.
/// </summary>
internal sealed partial class ClientConnections(
    TcpTransport transport, ViewHolder views, IReadOnlyList<string> seeds, ILogger<ClientConnections> logger)
    : IDisposable
{
    private static readonly TimeSpan s_period = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_searchAfter = TimeSpan.FromSeconds(1);
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;
    private Task _searching = Task.CompletedTask;
    private long? _lacksSince;

    /// <summary>Connects until stopped; returns when the first view has come.</summary>
    /// <exception cref="OrleansException">No silo was reached in time.</exception>
    public async Task StartAsync(CancellationToken ct)
    {
        _running = Task.Run(() => RunAsync(_stopping.Token), CancellationToken.None);
        try
        {
            await views.WaitAsync(static s => !s.Current.Owners.IsEmpty, ct)
                .WaitAsync(transport.Options.StartTimeout, transport.Time, ct);
        }
        catch (TimeoutException)
        {
            throw new OrleansException($"No silo could be reached within {transport.Options.StartTimeout}; tried "
                + $"{string.Join(", ", seeds)}.");
        }
    }

    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _searching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => _stopping.Dispose();

    private async Task RunAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            var seen = views.Snapshot;
            foreach (var owner in seen.Current.Owners)
            {
                transport.Find(owner.Address);
            }

            if (!transport.HasSilo)
            {
                await DialSeedsAsync(ct);
            }
            else if (IsSearchDue(seen.Current))
            {
                _searching = SearchAsync(ct);
            }

            using var waiting = CancellationTokenSource.CreateLinkedTokenSource(ct);
            await Task.WhenAny(
                views.WaitAsync(s => s.Revision > seen.Revision, waiting.Token),
                Task.Delay(s_period, transport.Time, waiting.Token));
            await waiting.CancelAsync();
        }
    }

    /// <summary>Whether an owner has not been connected for a while, and the last search for it is over.</summary>
    private bool IsSearchDue(ClusterView view)
    {
        if (view.Owners.All(m => transport.IsConnected(m.Address)))
        {
            _lacksSince = null;
            return false;
        }

        _lacksSince ??= transport.Time.GetTimestamp();
        if (!_searching.IsCompleted || transport.Time.GetElapsedTime(_lacksSince.Value) < s_searchAfter)
        {
            return false;
        }

        _lacksSince = transport.Time.GetTimestamp();
        return true;
    }

    /// <summary>Dials where no silo is connected, each place once.</summary>
    private async Task SearchAsync(CancellationToken ct)
    {
        var endpoints = await EndpointsAsync(ct);
        await Task.WhenAll(endpoints.Where(e => !transport.IsConnected(e)).Select(transport.DialAsync)).WaitAsync(ct);
    }

    private async Task<HashSet<IPEndPoint>> EndpointsAsync(CancellationToken ct)
    {
        // a silo that was started again where one of the view was is as good as a seed
        var endpoints = views.Current.Owners.Select(m => m.Address.Endpoint).ToHashSet();
        foreach (var seed in seeds)
        {
            endpoints.UnionWith(await ResolveAsync(seed, ct));
        }

        return endpoints;
    }

    private async Task DialSeedsAsync(CancellationToken ct)
    {
        var dials = (await EndpointsAsync(ct)).Select(transport.DialAsync).ToList();

        // the first that answers will do
        while (dials.Count > 0 && !transport.HasSilo)
        {
            dials.Remove(await Task.WhenAny(dials).WaitAsync(ct));
        }
    }

    private async Task<IPEndPoint[]> ResolveAsync(string seed, CancellationToken ct)
    {
        if (IPEndPoint.TryParse(seed, out var known))
        {
            return [known];
        }

        var colon = seed.LastIndexOf(':');
        var port = int.Parse(seed.AsSpan(colon + 1), System.Globalization.CultureInfo.InvariantCulture);
        try
        {
            return [.. (await Dns.GetHostAddressesAsync(seed[..colon], ct)).Select(a => new IPEndPoint(a, port))];
        }
        catch (SocketException exception)
        {
            LogNotResolved(logger, seed, exception.Message);
            return [];
        }
    }

    [LoggerMessage(EventId = 1321, Level = LogLevel.Information, Message = "Silo {Seed} has no address: {Reason}")]
    private static partial void LogNotResolved(ILogger logger, string seed, string reason);
}
