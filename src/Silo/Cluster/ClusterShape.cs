namespace Vault.Silo.Cluster;

/// <summary>What <c>vault cluster up</c> is to start.</summary>
internal sealed record ClusterShape
{
    public required ClusterDirectory Directory { get; init; }

    public int Silos { get; init; } = 3;

    public int Gateways { get; init; } = 2;

    /// <summary>
    /// Every role in every process: as many as there are silos, and no gateways or control plane beside them.
    /// </summary>
    public bool Alike { get; init; }

    /// <summary>A network namespace for each process.</summary>
    public bool Namespaces { get; init; }

    /// <summary>PEM files of the gateways' https listeners; null for none.</summary>
    public (string Certificate, string Key)? Tls { get; init; }

    /// <summary>Further settings of every process, <c>NAME=VALUE</c> as in the environment.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Settings { get; init; } = [];
}
