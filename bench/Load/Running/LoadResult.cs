namespace Vault.Load.Running;

/// <summary>What one measurement found.</summary>
internal sealed record LoadResult
{
    public required string Operation { get; init; }

    public required int Size { get; init; }

    public required int Connections { get; init; }

    public required double Seconds { get; init; }

    public required long Operations { get; init; }

    public required double OperationsPerSecond { get; init; }

    /// <summary>Bytes of bodies, sent and received, in millions a second.</summary>
    public required double MegabytesPerSecond { get; init; }

    public required double P50Microseconds { get; init; }

    public required double P90Microseconds { get; init; }

    public required double P99Microseconds { get; init; }

    public required double P999Microseconds { get; init; }

    /// <summary>Processor seconds of this program for each second, and of the server when it is known.</summary>
    public required double ClientCores { get; init; }

    public double? ServerCores { get; init; }

    /// <summary>Most resident bytes of the server since it started.</summary>
    public long? ServerPeakBytes { get; init; }

    /// <summary>Keys in the listings, for each of them.</summary>
    public double? KeysPerListing { get; init; }

    public required long Errors { get; init; }
}

/// <summary>All measurements of a run.</summary>
internal sealed record LoadReport
{
    /// <summary>The measurement with the median rate.</summary>
    public required LoadResult Median { get; init; }

    public required IReadOnlyList<LoadResult> Runs { get; init; }

    /// <summary>The first few errors; any error makes the run worthless.</summary>
    public required IReadOnlyList<string> Errors { get; init; }
}
