namespace Vault.Runtime;

/// <summary>How the processes of a cluster talk over TCP.</summary>
public sealed class TransportOptions
{
    /// <summary>The fewest UTF-8 bytes of a cluster secret.</summary>
    public const int MinSecretBytes = 16;

    /// <summary>What all processes of the cluster know and nobody else; at least 16 bytes of UTF-8.</summary>
    public string ClusterSecret { get; set; } = "";

    /// <summary>PEM file: this process's certificate, and those between it and the authority; turns TLS on.</summary>
    public string? CertificateFile { get; set; }

    /// <summary>PEM file with the certificate's private key.</summary>
    public string? CertificateKeyFile { get; set; }

    /// <summary>PEM file with the authority's certificate, which must have signed those of both sides.</summary>
    public string? AuthorityFile { get; set; }

    /// <summary>How long connecting may take, the handshake not included.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long the other side may take to prove itself.</summary>
    public TimeSpan HandshakeTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a connection may be silent before a heartbeat is sent.</summary>
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long nothing may come over a connection before it is given up.</summary>
    public TimeSpan PeerTimeout { get; set; } = TimeSpan.FromSeconds(4);

    /// <summary>How long stopping waits for calls that others have under way here.</summary>
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long the start of a client waits for the first silo.</summary>
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>The largest frame that is taken, in bytes.</summary>
    public int MaxFrameBytes { get; set; } = 100 << 20;

    /// <summary>
    /// Bytes that may be queued for one process: beyond them calls wait, and no more are taken from it.
    /// </summary>
    public int SendQueueBytes { get; set; } = 4 << 20;

    /// <summary>Connections that others may have open to this process.</summary>
    public int MaxConnections { get; set; } = 2048;

    /// <summary>
    /// Connections among them that may be unproven at a time; for one more, the oldest ends if it has been so for a
    /// tenth of <see cref="HandshakeTimeout"/>.
    /// </summary>
    public int MaxHandshakes { get; set; } = 64;
}
