using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Vault.Runtime.Activation;

/// <summary>The grains that a silo serves.</summary>
internal sealed class ActivationTable
{
    private readonly ConcurrentDictionary<GrainId, Destination> _destinations = new();
    private ActivationShared? _shared;
    private volatile bool _closed;

    public void Start(ActivationShared shared) => _shared = shared;

    public bool TryGet(GrainId id, [NotNullWhen(true)] out Destination? destination) =>
        _destinations.TryGetValue(id, out destination);

    /// <summary>Where calls of the grain go; null when the silo activates nothing any more.</summary>
    public Destination? GetOrAdd(GrainId id, GrainClass grainClass)
    {
        if (_destinations.TryGetValue(id, out var destination))
        {
            return destination;
        }

        if (_closed)
        {
            return null;
        }

        return _destinations.GetOrAdd(
            id,
            static (id, state) => state.Class.MaxLocalWorkers > 0
                ? new WorkerDestination(state.Table, state.Table._shared!, state.Class, id)
                : new SingleDestination(state.Table, state.Table._shared!, state.Class, id),
            (Table: this, Class: grainClass));
    }

    public void Remove(GrainId id, Destination destination) =>
        _destinations.TryRemove(new KeyValuePair<GrainId, Destination>(id, destination));

    /// <summary>Activates nothing from now on.</summary>
    public void Close() => _closed = true;

    /// <summary>Whether nothing is activated any more.</summary>
    public bool IsClosed => _closed;

    public IEnumerable<GrainActivation> Activations()
    {
        foreach (var (_, destination) in _destinations)
        {
            foreach (var activation in destination.Activations)
            {
                yield return activation;
            }
        }
    }
}
