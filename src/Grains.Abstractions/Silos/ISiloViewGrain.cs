using System.Collections.Immutable;

namespace Vault.Grains.Abstractions.Silos;

/// <summary>
/// What the silo that answers knows of the cluster's silos. Stateless worker; the key only picks the gateway that is
/// asked.
/// </summary>
[Alias("vault.silo-view"), GrainInterfaceType("vault.silo-view")]
public interface ISiloViewGrain : IGrainWithIntegerKey
{
    /// <summary>The silos that are there, from memory: may be late by a second. A read: repeat at will.</summary>
    [Alias("read"), Repeatable]
    Task<SiloView> ReadAsync(CancellationToken cancellationToken);
}

/// <summary>The cluster's silos.</summary>
[GenerateSerializer, Immutable, Alias("vault.silos")]
public sealed record SiloView
{
    /// <summary>Rises with each change.</summary>
    [Id(0)] public required long Version { get; init; }

    /// <summary>Address, port and generation of each silo that serves.</summary>
    [Id(1)] public required ImmutableArray<string> Active { get; init; }

    /// <summary>The silo that answers, as in <see cref="Active"/>.</summary>
    [Id(2)] public string Self { get; init; } = "";

    /// <summary>Address and port where the silo that answers takes calls of front ends.</summary>
    [Id(3)] public string Gateway { get; init; } = "";
}
