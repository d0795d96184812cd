using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Vault.Storage.Chunks;

namespace Vault.Storage.Shards;

/// <summary>
/// The nodes of the cluster and the connections to them; a process without it has its own volumes only. Whoever reads
/// the node directory publishes the map here.
/// </summary>
public sealed class ShardNetwork : IDisposable
{
    private readonly ConcurrentDictionary<string, RemoteNode> _remotes = new(StringComparer.Ordinal);
    private readonly HttpMessageInvoker _http;
    private readonly byte[] _baseKey;
    private readonly TimeProvider _time;
    private NodeMap _map = NodeMap.Empty;
    private long _hostsChangedAt;

    /// <summary>A network of whoever has the secret.</summary>
    /// <param name="options">Times and sizes.</param>
    /// <param name="clusterSecret">At least 32 bytes; not kept.</param>
    /// <param name="time">The clock.</param>
    /// <param name="meters">Where the instruments go.</param>
    public ShardNetwork(
        ShardNetworkOptions options, ReadOnlySpan<byte> clusterSecret, TimeProvider time, IMeterFactory meters)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(clusterSecret.Length, 32, nameof(clusterSecret));
        (Options, _time, _baseKey) = (options, time, ShardMac.BaseKey(clusterSecret));
        Instruments = new ShardInstruments(meters, () => Map);
        NodeBuffers = new BufferBudget(options.NodeBufferBytes);
        Reports = new ShardReports();
        _http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            ConnectTimeout = options.ConnectTimeout,
            MaxConnectionsPerServer = options.ConnectionsPerNode,
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ActivityHeadersPropagator = null,
            MaxResponseHeadersLength = 16,
        });
    }

    /// <summary>The map as last published.</summary>
    public NodeMap Map => Volatile.Read(ref _map);

    /// <summary>Hosts that the profile goes by: one that is lost does not make what is written less safe.</summary>
    public int Hosts => Math.Max(Map.Hosts, Options.LeastHosts);

    /// <summary>Too few hosts are known to store anything yet: the cluster forms.</summary>
    public bool IsForming
    {
        get
        {
            var map = Map;
            if (map.KnownHosts < Options.LeastHosts) return true;
            if (Options.Profile != "auto" || Hosts >= StorageProfile.Trio.Shards) return false;
            return map.Hosts == 0
                || _time.GetElapsedTime(Volatile.Read(ref _hostsChangedAt)) < Options.SettleTime;
        }
    }

    /// <summary>Memory for what other processes send and fetch here.</summary>
    public BufferBudget NodeBuffers { get; }

    /// <summary>Objects that reads found in need of repair.</summary>
    public ShardReports Reports { get; }

    internal ShardNetworkOptions Options { get; }

    internal ShardInstruments Instruments { get; }

    internal TimeProvider Time => _time;

    /// <summary>Takes a newer map; connections to nodes that are not in it any more end.</summary>
    public void Publish(NodeMap map)
    {
        if (map.Hosts != Map.Hosts) Volatile.Write(ref _hostsChangedAt, _time.GetTimestamp());
        Volatile.Write(ref _map, map);
        var endpoints = map.Nodes.Select(static node => node.Endpoint).ToHashSet(StringComparer.Ordinal);
        foreach (var endpoint in _remotes.Keys)
        {
            if (!endpoints.Contains(endpoint) && _remotes.TryRemove(endpoint, out var gone)) gone.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var remote in _remotes.Values) remote.Dispose();
        _http.Dispose();
        NodeBuffers.Dispose();
    }

    internal ShardSessions NewSessions() => new(_baseKey);

    internal RemoteNode Remote(ShardNode node)
    {
        while (true)
        {
            if (_remotes.TryGetValue(node.Endpoint, out var known)) return known;
            var made = new RemoteNode(node.Endpoint, _http, Options, _baseKey, Instruments, _time);
            if (_remotes.TryAdd(node.Endpoint, made)) return made;
            made.Dispose();
        }
    }
}
