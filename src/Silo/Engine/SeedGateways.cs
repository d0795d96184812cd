using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Orleans.Messaging;

namespace Vault.Silo.Engine;

/// <summary>
/// The gateways that a front end knows: the addresses behind the names it was given, looked up anew all the time, so
/// that silos may come and go behind one name. Nothing of the database is needed for it.
/// </summary>
/// <param name="seeds">Each <c>host:port</c>, the port that of silos' gateways.</param>
/// <param name="known">Silos that have left are no gateways, whatever the names say.</param>
internal sealed class SeedGateways(string[] seeds, KnownSilos known) : IGatewayListProvider
{
    /// <summary>A silo that hangs is still called for so long after it was declared dead.</summary>
    public static readonly TimeSpan Refresh = TimeSpan.FromSeconds(1);

    /// <summary>What a name stood for when it was last answered.</summary>
    private readonly Dictionary<string, IPAddress[]> _known = [];

    public TimeSpan MaxStaleness => Refresh;

    public bool IsUpdatable => true;

    public Task InitializeGatewayListProvider() => Task.CompletedTask;

    public async Task<IList<Uri>> GetGateways()
    {
        var all = new List<Uri>();
        var serving = new List<Uri>();
        foreach (var seed in seeds)
        {
            var colon = seed.LastIndexOf(':');
            var port = int.Parse(seed.AsSpan(colon + 1), CultureInfo.InvariantCulture);
            foreach (var address in await LookUpAsync(seed[..colon].Trim('[', ']')))
            {
                var gateway = new IPEndPoint(address, port);
                all.Add(gateway.ToGatewayUri());
                if (known.Serves(gateway.ToString())) serving.Add(all[^1]);
            }
        }

        return serving.Count > 0 ? serving : all;
    }

    private async Task<IPAddress[]> LookUpAsync(string host)
    {
        if (IPAddress.TryParse(host, out var literal)) return [literal];
        try
        {
            return _known[host] = await Dns.GetHostAddressesAsync(host);
        }
        catch (SocketException)
        {
            return _known.GetValueOrDefault(host) ?? [];
        }
    }
}
