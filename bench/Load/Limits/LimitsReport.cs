using Vault.Load.Running;

namespace Vault.Load.Limits;

/// <summary>What this machine allows, measured with the same client as the server under test.</summary>
internal sealed record LimitsReport
{
    public required int Cores { get; init; }

    /// <summary>Raw Kestrel, by operation and size.</summary>
    public required IReadOnlyList<LoadResult> Kestrel { get; init; }

    /// <summary>Processor seconds per byte.</summary>
    public required HashLimits Cpu { get; init; }

    public required DiskLimits Disk { get; init; }

    /// <summary>Processor seconds per byte of a large PUT to raw Kestrel, server and client together.</summary>
    public required double KestrelPutCpuPerByte { get; init; }

    /// <summary>Limit of large PUTs with a signed payload, bytes per second: 1 / max(c / cores, d).</summary>
    public required double SignedPutLimit { get; init; }

    /// <summary>The same with an unsigned payload, which is hashed once less.</summary>
    public required double UnsignedPutLimit { get; init; }
}
