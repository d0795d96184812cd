namespace Vault.Grains.Abstractions.Usage;

/// <summary>
/// Counts what a project used. Key: project id. Stored bytes come from the index commits, traffic from the front ends'
/// reports.
/// </summary>
[Alias("vault.usage"), GrainInterfaceType("vault.usage")]
public interface IUsageGrain : IGrainWithStringKey
{
    /// <summary>
    /// Adds one front end's counts since its last report. Safe to repeat: a report id that was counted in the last 24
    /// hours adds nothing.
    /// </summary>
    [Alias("report")]
    [Repeatable]
    Task ReportAsync(TrafficReport report, CancellationToken cancellationToken);

    /// <summary>Totals so far. A read: repeat at will.</summary>
    [Alias("read")]
    [Repeatable]
    Task<ProjectUsage> ReadAsync(CancellationToken cancellationToken);
}

/// <summary>A front end's counts for one project.</summary>
[GenerateSerializer, Immutable, Alias("vault.traffic-report")]
public sealed record TrafficReport
{
    /// <summary>Random, one per report.</summary>
    [Id(0)] public required Guid ReportId { get; init; }

    /// <summary>Requests answered without a 5xx.</summary>
    [Id(1)] public required long Requests { get; init; }

    /// <summary>Body bytes received.</summary>
    [Id(2)] public required long BytesIn { get; init; }

    /// <summary>Body bytes sent.</summary>
    [Id(3)] public required long BytesOut { get; init; }
}

/// <summary>A project's totals.</summary>
[GenerateSerializer, Immutable, Alias("vault.project-usage")]
public sealed record ProjectUsage
{
    /// <summary>Current versions in all buckets.</summary>
    [Id(0)] public required long Objects { get; init; }

    /// <summary>Their plaintext bytes.</summary>
    [Id(1)] public required long StoredBytes { get; init; }

    /// <summary>Requests this month.</summary>
    [Id(2)] public required long Requests { get; init; }

    /// <summary>Body bytes received this month.</summary>
    [Id(3)] public required long BytesIn { get; init; }

    /// <summary>Body bytes sent this month.</summary>
    [Id(4)] public required long BytesOut { get; init; }
}
