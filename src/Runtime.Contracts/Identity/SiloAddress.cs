using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace Orleans.Runtime;

/// <summary>
/// Where a silo listens, and which of the silos that ever listened there: a restart has a higher generation.
/// </summary>
[Immutable]
public sealed class SiloAddress : IEquatable<SiloAddress>, IComparable<SiloAddress>
{
    private readonly string _text;

    private SiloAddress(IPEndPoint endpoint, int generation)
    {
        Endpoint = endpoint;
        Generation = generation;
        _text = string.Create(CultureInfo.InvariantCulture, $"{endpoint}@{generation}");
    }

    /// <summary>Address and port.</summary>
    public IPEndPoint Endpoint { get; }

    /// <summary>Grows with every start; negative for a client.</summary>
    public int Generation { get; }

    /// <summary>Whether it is a client's address.</summary>
    public bool IsClient => Generation < 0;

    /// <summary>An address with no endpoint.</summary>
    public static SiloAddress Zero { get; } = new(new IPEndPoint(IPAddress.Any, 0), 0);

    /// <summary>The address of these parts.</summary>
    public static SiloAddress New(IPEndPoint ep, int gen) => new(ep, gen);

    /// <summary>The address of these parts.</summary>
    public static SiloAddress New(IPAddress address, int port, int generation) =>
        new(new IPEndPoint(address, port), generation);

    /// <summary>A text that <see cref="FromParsableString"/> reads: <c>ip:port@generation</c>.</summary>
    public string ToParsableString() => _text;

    /// <summary>Reads what <see cref="ToParsableString"/> wrote.</summary>
    /// <exception cref="FormatException">It is not of that form.</exception>
    public static SiloAddress FromParsableString(string addr)
    {
        var at = addr.LastIndexOf('@');
        return at > 0 && IPEndPoint.TryParse(addr.AsSpan(0, at), out var endpoint)
            && int.TryParse(
                addr.AsSpan(at + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var generation)
            ? new SiloAddress(endpoint, generation)
            : throw new FormatException($"'{addr}' is not a silo address.");
    }

    /// <inheritdoc/>
    public bool Equals([NotNullWhen(true)] SiloAddress? other) =>
        other is not null && Generation == other.Generation && Endpoint.Equals(other.Endpoint);

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => Equals(obj as SiloAddress);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Endpoint, Generation);

    /// <summary>A hash that is the same in every process.</summary>
    public int GetConsistentHashCode() =>
        (int)Vault.Runtime.Identity.XxHash32.Hash(System.Text.Encoding.UTF8.GetBytes(_text));

    /// <summary>Orders by address, port, generation.</summary>
    public int CompareTo(SiloAddress? other)
    {
        if (other is null)
        {
            return 1;
        }

        var byAddress = Endpoint.Address.GetAddressBytes()
            .AsSpan()
            .SequenceCompareTo(other.Endpoint.Address.GetAddressBytes());
        return byAddress != 0 ? byAddress
            : Endpoint.Port != other.Endpoint.Port ? Endpoint.Port.CompareTo(other.Endpoint.Port)
            : Generation.CompareTo(other.Generation);
    }

    /// <inheritdoc/>
    public override string ToString() => (IsClient ? "C" : "S") + _text;
}
