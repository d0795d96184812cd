using System.Collections.Immutable;
using Vault.Grains.Abstractions.Silos;

namespace Vault.Silo.Engine;

/// <summary>
/// What a front end last heard of the silos. A silo that was cut off from its peers may go on answering those front
/// ends that still reach it, with an old view; by the newer one of the others it is no gateway any more.
/// </summary>
internal sealed class KnownSilos(TimeProvider time)
{
    /// <summary>A view that nobody has confirmed for so long says nothing of now.</summary>
    private static readonly TimeSpan Validity = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();

    /// <summary>Of which silo a gateway is, both as address and port.</summary>
    private readonly Dictionary<string, string> _siloOf = [];

    private ImmutableHashSet<string> _silos = [];
    private long _version = -1;
    private long _confirmed = time.GetTimestamp();

    /// <summary>Takes a view, unless a newer one is known.</summary>
    /// <returns>Whether a silo has gone.</returns>
    public bool Take(SiloView view)
    {
        lock (_lock)
        {
            if (view.Gateway.Length > 0) _siloOf[view.Gateway] = Endpoint(view.Self);
            if (view.Version < _version && IsValid) return false;
            _confirmed = time.GetTimestamp();
            if (view.Version == _version) return false;
            _version = view.Version;
            var silos = view.Active.ToImmutableHashSet();
            var gone = !silos.IsSupersetOf(_silos);
            _silos = silos;
            return gone;
        }
    }

    /// <summary>Whether nothing speaks against a gateway, an address and a port.</summary>
    public bool Serves(string gateway)
    {
        lock (_lock)
        {
            return !IsValid || !_siloOf.TryGetValue(gateway, out var silo)
                || _silos.Any(active => Endpoint(active) == silo);
        }
    }

    private bool IsValid => time.GetElapsedTime(_confirmed) < Validity;

    /// <summary>A silo's address without its generation: who starts again there is as good.</summary>
    private static string Endpoint(string silo) => silo.Split('@')[0];
}
