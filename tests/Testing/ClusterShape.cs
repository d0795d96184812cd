namespace Vault.Testing;

/// <summary>What a <see cref="ClusterFixture"/> starts.</summary>
public sealed record ClusterShape
{
    /// <summary>Silos, each with a volume and a host of its own.</summary>
    public int Silos { get; init; } = 3;

    /// <summary>S3 gateways.</summary>
    public int Gateways { get; init; } = 2;

    /// <summary>Every role in each of as many processes as there are silos; no gateways.</summary>
    public bool Alike { get; init; }

    /// <summary>Each process in a network namespace, so that partitions can be made; needs root.</summary>
    public bool Namespaces { get; init; }

    /// <summary>PEM files of the gateways' https listeners; null for none.</summary>
    public (string Certificate, string Key)? Tls { get; init; }

    /// <summary>Settings of every process, such as <c>Reclaim__Period</c>.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();
}
