using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Security.Cryptography;
using Vault.Silo.Serve;

namespace Vault.Silo.Cluster;

/// <summary>
/// Addresses of a cluster's processes: loopback and free ports, or a bridge with a network namespace for each process,
/// so that it can be cut off.
/// </summary>
internal sealed class ClusterNetwork
{
    /// <summary>Below the range from which the kernel takes ports of outgoing connections.</summary>
    private const int FirstPort = 20_000;
    private const int LastPort = 32_000;
    private const int DatabaseHost = 2;
    private const int FirstHost = 10;

    private int _nextPort = RandomNumberGenerator.GetInt32(FirstPort, LastPort);
    private int _nextHost = FirstHost;

    public string? Bridge { get; private init; }

    public string? Subnet { get; private init; }

    /// <summary>Where PostgreSQL and Redis listen.</summary>
    public string DatabaseAddress => Subnet is null ? "127.0.0.1" : $"{Subnet}.{DatabaseHost}";

    public static ClusterNetwork Loopback() => new();

    /// <summary>Makes the bridge, whose name no other cluster gets: the kernel gives it only once.</summary>
    public static async Task<ClusterNetwork> BridgedAsync(CancellationToken ct)
    {
        if (!Environment.IsPrivilegedProcess)
            throw new SetupException("--namespaces needs root: network namespaces and bridges are made with it");
        var taken = NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(n => n.GetIPProperties().UnicastAddresses)
            .Select(a => a.Address.ToString())
            .ToList();
        for (var third = 0; ; third++)
        {
            var network = new ClusterNetwork { Bridge = $"vault{third}", Subnet = $"10.211.{third}" };
            if (taken.Any(a => a.StartsWith(network.Subnet + ".", StringComparison.Ordinal))
                || Directory.Exists($"/sys/class/net/{network.Bridge}")
                || File.Exists($"/run/netns/{network.Bridge}-silo-1"))
                continue;
            try
            {
                await IpAsync(ct, "link", "add", network.Bridge!, "type", "bridge");
                return network;
            }
            catch (SetupException) when (third < 255)
            {
                // Another cluster was quicker.
            }
        }
    }

    /// <summary>Gives the bridge its addresses.</summary>
    public async Task OpenAsync(CancellationToken ct)
    {
        if (Bridge is null) return;
        await IpAsync(ct, "addr", "add", $"{Subnet}.1/24", "dev", Bridge);
        await IpAsync(ct, "addr", "add", $"{DatabaseAddress}/24", "dev", Bridge);
        await IpAsync(ct, "link", "set", Bridge, "up");
    }

    /// <summary>A port that nothing listens on; of one process's namespace any is.</summary>
    public int Port()
    {
        while (true)
        {
            var port = _nextPort = _nextPort < LastPort ? _nextPort + 1 : FirstPort;
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException)
            {
                // Taken: the next one.
            }
        }
    }

    /// <summary>An address for a process, and its namespace where there are any.</summary>
    public async Task<(string Address, string? Namespace, string? Cable)> AddressAsync(
        string name, CancellationToken ct)
    {
        if (Bridge is null) return ("127.0.0.1", null, null);
        var host = _nextHost++;
        var space = $"{Bridge}-{name}";
        var cable = string.Create(CultureInfo.InvariantCulture, $"{Bridge}-{host}");
        var address = $"{Subnet}.{host}";
        await IpAsync(ct, "netns", "add", space);
        await IpAsync(ct, "link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", space);
        await IpAsync(ct, "link", "set", cable, "master", Bridge, "up");
        await IpAsync(ct, "-n", space, "addr", "add", $"{address}/24", "dev", "eth0");
        await IpAsync(ct, "-n", space, "link", "set", "lo", "up");
        await IpAsync(ct, "-n", space, "link", "set", "eth0", "up");
        return (address, space, cable);
    }

    /// <summary>Cuts a process off from everything.</summary>
    public static Task CutAsync(ClusterProcess process, CancellationToken ct) =>
        IpAsync(ct, "link", "set", process.Cable!, "down");

    /// <summary>Cuts two processes off from each other, in both directions.</summary>
    public static async Task CutAsync(ClusterProcess one, ClusterProcess other, CancellationToken ct)
    {
        foreach (var (from, to) in new[] { (one, other), (other, one) })
        {
            if (from.Namespace is not null)
            {
                // Out by the loopback, where it is nobody's: lost without a word, as on a network.
                await IpAsync(
                    ct, "-n", from.Namespace, "route", "replace", $"{to.Address}/32", "dev", "lo", "src", from.Address);
            }
        }
    }

    /// <summary>Undoes every cut of a process.</summary>
    public static async Task HealAsync(ClusterProcess process, CancellationToken ct)
    {
        await IpAsync(ct, "link", "set", process.Cable!, "up");
        await IpAsync(ct, "-n", process.Namespace!, "route", "flush", "dev", "lo");
    }

    /// <summary>Removes the bridge and the namespaces.</summary>
    public static async Task RemoveAsync(ClusterState state, CancellationToken ct)
    {
        if (state.Bridge is not { } bridge) return;
        if (Directory.Exists("/run/netns"))
        {
            foreach (var space in Directory.GetFiles("/run/netns", bridge + "-*"))
                await IpAsync(ct, "netns", "delete", Path.GetFileName(space));
        }

        if (Directory.Exists($"/sys/class/net/{bridge}")) await IpAsync(ct, "link", "delete", bridge);
    }

    private static Task IpAsync(CancellationToken ct, params string[] arguments) => Tool.RunAsync("ip", arguments, ct);
}
