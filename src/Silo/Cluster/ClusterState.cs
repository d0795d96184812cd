using System.Text.Json.Serialization;

namespace Vault.Silo.Cluster;

/// <summary>What <c>vault cluster up</c> made: <c>cluster.json</c> in its directory, mode 0600.</summary>
internal sealed record ClusterState
{
    public const string FileName = "cluster.json";

    /// <summary>Everything but the database lies here.</summary>
    public required string Directory { get; init; }

    /// <summary>The database's own directory, which its own user must reach.</summary>
    public required string DatabaseDirectory { get; init; }

    /// <summary>The bridge of the network namespaces; null without them.</summary>
    public string? Bridge { get; init; }

    /// <summary>First three numbers of the addresses behind the bridge.</summary>
    public string? Subnet { get; init; }

    /// <summary>In the order in which they are started.</summary>
    public required List<ClusterProcess> Processes { get; init; }
}

/// <summary>One process of the cluster: what it takes to start it again, and who it is now.</summary>
internal sealed record ClusterProcess
{
    public required string Name { get; init; }

    public required ProcessKind Kind { get; init; }

    public required IReadOnlyList<string> Command { get; init; }

    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    public required string Address { get; init; }

    /// <summary>The port that clients of it use.</summary>
    public required int Port { get; init; }

    /// <summary>S3 over https; 0 for none.</summary>
    public int TlsPort { get; init; }

    /// <summary>Health and metrics; 0 for PostgreSQL and Redis.</summary>
    public int ControlPort { get; init; }

    /// <summary>Its network namespace, and its end of the cable on this side; null without.</summary>
    public string? Namespace { get; init; }

    public string? Cable { get; init; }

    /// <summary>0 when it was not started.</summary>
    public int Pid { get; set; }

    /// <summary>When the kernel started it, so that another process with its number is not taken for it.</summary>
    public long StartedAt { get; set; }

    [JsonIgnore]
    public bool IsVault => Kind is ProcessKind.Silo or ProcessKind.S3 or ProcessKind.Control or ProcessKind.Alike;

    [JsonIgnore]
    public bool ServesS3 => Kind is ProcessKind.S3 or ProcessKind.Alike;

    [JsonIgnore]
    public bool ServesControl => Kind is ProcessKind.Control or ProcessKind.Alike;
}

/// <summary>What a process of the cluster is.</summary>
internal enum ProcessKind
{
    Postgres,
    Redis,
    Silo,
    S3,
    Control,

    /// <summary>Every role: one of several equals.</summary>
    Alike,
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(ClusterState))]
internal sealed partial class ClusterJson : JsonSerializerContext;
