using Vault.Grains.Abstractions.Objects;
using Vault.Protocol.Manifests;

namespace Vault.Grains.Objects;

/// <summary>What a commit demands of a new body's shards.</summary>
internal static class BodyShards
{
    /// <summary>
    /// A manifest with parity must be whole, have enough shards of each chunk, and say how many it lacks. One without
    /// is not looked at: its shards are stored or it would not be there.
    /// </summary>
    /// <exception cref="ArgumentException">It is not so.</exception>
    public static void Require(ObjectBody body)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(body.AbsentShards, nameof(body));
        if (body.Shared || body.Manifest.IsEmpty || !BodyManifest.HasParity(body.Manifest))
        {
            return;
        }

        if (!BodyManifest.TryDecode(body.Manifest, out var manifest)
            || manifest.AbsentShards != body.AbsentShards)
        {
            throw new ArgumentException("A chunk of the body has too few shards.", nameof(body));
        }
    }
}
