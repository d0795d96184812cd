using System.Net;
using Microsoft.Extensions.Options;

namespace Vault.S3Gateway.Http;

/// <summary>
/// Which peers may speak for others. From one of them, <c>X-Forwarded-For</c> names the client: its last address that
/// is not a trusted proxy itself, because what stands before that was written by who knows whom. From anybody else the
/// header is ignored.
/// </summary>
internal sealed class TrustedProxies(IOptions<S3Options> options)
{
    private const int MostHops = 16;

    private readonly IPNetwork[] networks = [.. options.Value.TrustedProxies.Select(Parse)];

    /// <summary>Whether a setting is an address or a block of addresses.</summary>
    public static bool IsNetwork(string text) => IPAddress.TryParse(text, out _) || IPNetwork.TryParse(text, out _);

    /// <summary>Puts the client's address and scheme in place of the proxy's.</summary>
    public void Apply(S3Request request)
    {
        if (networks.Length == 0 || request.PeerAddress is not { } peer || !IsTrusted(peer))
            return;
        if (Last(request.Headers["X-Forwarded-Proto"].ToString()) is "http" or "https")
            request.Scheme = Last(request.Headers["X-Forwarded-Proto"].ToString());
        var forwarded = request.Headers["X-Forwarded-For"].ToString();
        for (var hop = 0; hop < MostHops && IsTrusted(peer) && forwarded.Length > 0; hop++)
        {
            if (!IPEndPoint.TryParse(Last(forwarded), out var before))
                break;
            peer = before.Address;
            forwarded = forwarded[..Math.Max(forwarded.LastIndexOf(','), 0)];
        }

        request.PeerAddress = peer;
    }

    private static string Last(string list) => list[(list.LastIndexOf(',') + 1)..].Trim();

    private static IPNetwork Parse(string text) => IPAddress.TryParse(text, out var address)
        ? new IPNetwork(address, address.GetAddressBytes().Length * 8)
        : IPNetwork.Parse(text);

    private bool IsTrusted(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        foreach (var network in networks)
        {
            if (network.Contains(address))
                return true;
        }

        return false;
    }
}
