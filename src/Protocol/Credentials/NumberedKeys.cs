using System.Diagnostics.CodeAnalysis;
using Vault.Protocol.Encryption;

namespace Vault.Protocol.Credentials;

/// <summary>Keys that rotate: one is active, older ones still open what they closed.</summary>
public sealed class NumberedKeys : IDisposable
{
    /// <summary>Most keys in a set.</summary>
    public const int MaxKeys = 64;

    private readonly SortedDictionary<uint, SecretKey> _keys;

    /// <summary>A set of keys, which become its own.</summary>
    /// <exception cref="ArgumentException">The active key is not among them, or there are more than 64.</exception>
    public NumberedKeys(uint activeId, IEnumerable<KeyValuePair<uint, SecretKey>> keys)
    {
        _keys = new SortedDictionary<uint, SecretKey>(new Dictionary<uint, SecretKey>(keys));
        if (_keys.Count > MaxKeys || !_keys.TryGetValue(activeId, out var active))
        {
            throw new ArgumentException("The active key must be one of at most 64.", nameof(activeId));
        }

        (ActiveId, Active) = (activeId, active);
    }

    /// <summary>Number of the key that new things use.</summary>
    public uint ActiveId { get; }

    /// <summary>The key that new things use.</summary>
    public SecretKey Active { get; }

    /// <summary>All numbers, ascending.</summary>
    public IReadOnlyCollection<uint> Ids => _keys.Keys;

    /// <summary>The key of that number; false when it was retired.</summary>
    public bool TryGet(uint id, [NotNullWhen(true)] out SecretKey? key) => _keys.TryGetValue(id, out key);

    /// <summary>Wipes all keys.</summary>
    public void Dispose()
    {
        foreach (var key in _keys.Values)
        {
            key.Dispose();
        }
    }

    /// <summary>Never the keys.</summary>
    public override string ToString() => $"{_keys.Count} keys, {ActiveId} active";

    internal static NumberedKeys Generate() => new(1, [new(1, SecretKey.Generate(longLived: true))]);
}
