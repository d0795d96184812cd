namespace Vault.Silo.Serve;

/// <summary>A port that a process opens, and the setting that names it.</summary>
internal sealed record ListenPort(PortUse Use, string Setting, string Flag, int Port);

/// <summary>What is served on a port.</summary>
internal enum PortUse
{
    S3,
    S3Tls,
    Control,
    Node,
    Silo,
}
