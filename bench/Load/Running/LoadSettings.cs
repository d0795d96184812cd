using Vault.Load.Client;
using Vault.Load.Workload;

namespace Vault.Load.Running;

/// <summary>One workload against one server.</summary>
internal sealed record LoadSettings
{
    public required S3Target Target { get; init; }

    public required Operation Operation { get; init; }

    /// <summary>Bytes of each object.</summary>
    public int Size { get; init; } = 4096;

    /// <summary>Connections, each with one request at a time.</summary>
    public int Connections { get; init; } = 32;

    /// <summary>How many keys the filled range has.</summary>
    public long Keys { get; init; } = 1_000_000;

    /// <summary>What every key begins with.</summary>
    public string Root { get; init; } = "load/";

    /// <summary>0 for flat keys, else over how many prefixes they are spread.</summary>
    public int Prefixes { get; init; }

    /// <summary>Delimiter of listings, or null.</summary>
    public string? Delimiter { get; init; }

    /// <summary>Keys asked for in one listing.</summary>
    public int PageSize { get; init; } = 1000;

    /// <summary>Seconds before measuring; 0 and no limit of time for fill and delete.</summary>
    public double WarmUpSeconds { get; init; } = 10;

    /// <summary>Seconds of each measurement.</summary>
    public double Seconds { get; init; } = 60;

    /// <summary>Measurements; the result is the one with the median rate.</summary>
    public int Runs { get; init; } = 3;

    /// <summary>Seed of bodies and of choices.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>How many different bodies; null for a few.</summary>
    public int? DistinctBodies { get; init; }

    /// <summary>Process of the server, to report what it used; null when unknown.</summary>
    public int? ServerProcess { get; init; }
}
