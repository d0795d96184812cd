namespace Vault.Silo.Telemetry;

/// <summary>This process's part in the cluster: what keeps its silo from serving, or null.</summary>
internal sealed record ClusterPart(Func<string?> Problem);
