using System.ComponentModel.DataAnnotations;

namespace Vault.Silo.Serve;

/// <summary>What one process is and where it listens; configuration section <c>Vault</c>.</summary>
public sealed class ServeOptions
{
    /// <summary>Directory of the embedded database, the volume and the cluster id. Never holds a key.</summary>
    [Required]
    public string DataDirectory { get; set; } = DefaultDirectory("XDG_DATA_HOME", ".local/share");

    /// <summary>Directory of keys and credentials; files in it are mode 0600.</summary>
    [Required]
    public string ConfigDirectory { get; set; } = DefaultDirectory("XDG_CONFIG_HOME", ".config");

    /// <summary>Address of all listeners.</summary>
    [Required]
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>TCP port of S3 over http; 0 picks a free one.</summary>
    [Range(0, 65535)]
    public int S3Port { get; set; } = 9000;

    /// <summary>TCP port of S3 over https; null for none, 0 picks a free one.</summary>
    [Range(0, 65535)]
    public int? S3TlsPort { get; set; }

    /// <summary>TCP port of <c>/v1</c>, health and metrics; 0 picks a free one.</summary>
    [Range(0, 65535)]
    public int ControlPort { get; set; } = 9001;

    /// <summary>PEM file with the certificate chain of the TLS listener.</summary>
    public string? TlsCert { get; set; }

    /// <summary>PEM file with the private key of the TLS listener.</summary>
    public string? TlsKey { get; set; }

    /// <summary><c>file</c> (embedded SQLite) or <c>postgres</c>.</summary>
    public string StateBackend { get; set; } = "file";

    /// <summary>PostgreSQL connection string; needed when <see cref="StateBackend"/> is <c>postgres</c>.</summary>
    public string? DatabaseUrl { get; set; }

    /// <summary>
    /// What this process does: <c>all</c>, or a list of <c>silo</c>, <c>node</c>, <c>s3</c>, <c>control</c> and
    /// <c>gateway</c>, separated by commas.
    /// </summary>
    public string Roles { get; set; } = "all";

    /// <summary>TCP port for calls from other silos of the cluster (role <c>silo</c>).</summary>
    [Range(1, 65535)]
    public int SiloPort { get; set; } = 11111;

    /// <summary>TCP port for calls from front ends of the cluster (role <c>silo</c>).</summary>
    [Range(1, 65535)]
    public int GatewayPort { get; set; } = 30000;

    /// <summary>TCP port for shards (role <c>node</c>, when it is not <c>all</c>).</summary>
    [Range(1, 65535)]
    public int NodePort { get; set; } = 9100;

    /// <summary>
    /// Host name at which the others reach this process's shards; null for <see cref="AdvertisedAddress"/>. A name that
    /// stays with the disk while addresses go round tells a disk that was replaced from a process that has moved.
    /// </summary>
    public string? NodeName { get; set; }

    /// <summary>
    /// IP address at which the cluster's other processes reach this one; null for <see cref="Address"/>.
    /// </summary>
    public string? AdvertisedAddress { get; set; }

    /// <summary>
    /// Silos that a process without the role <c>silo</c> asks: <c>host:port</c> with the port of
    /// <see cref="GatewayPort"/>, separated by commas. A name may stand for many addresses; it is looked up all the
    /// time. VAULT_SILOS does the same.
    /// </summary>
    public string? Silos { get; set; }

    /// <summary>
    /// Secret by which the processes of one cluster know each other's shards, at least 32 characters.
    /// VAULT_CLUSTER_SECRET does the same.
    /// </summary>
    public string? ClusterSecret { get; set; }

    /// <summary>File with the cluster secret; its first line counts.</summary>
    public string? ClusterSecretFile { get; set; }

    /// <summary>
    /// PEM file with this process's certificate for calls between processes; read again when it changes.
    /// </summary>
    public string? ClusterTlsCert { get; set; }

    /// <summary>PEM file with the private key of <see cref="ClusterTlsCert"/>.</summary>
    public string? ClusterTlsKey { get; set; }

    /// <summary>PEM file with the authority that has signed both sides' certificates.</summary>
    public string? ClusterTlsAuthority { get; set; }

    /// <summary>
    /// Directories of volumes (role <c>node</c>), separated by commas; null for <c>volume</c> in
    /// <see cref="DataDirectory"/>. Each keeps its number in itself, so their order does not matter.
    /// </summary>
    public string? Volumes { get; set; }

    /// <summary>
    /// File with the cluster's keys, for roles <c>s3</c> and <c>control</c>; null for the one in
    /// <see cref="ConfigDirectory"/>, which only <c>all</c> may use.
    /// </summary>
    public string? ClusterKeysFile { get; set; }

    /// <summary>
    /// Redis, such as <c>redis://user:password@127.0.0.1:6379</c>, <c>rediss</c> for TLS; null does without. REDIS_URL
    /// does the same.
    /// </summary>
    public string? RedisUrl { get; set; }

    /// <summary>
    /// PEM file with the authority that has signed Redis's certificate; null for those that the machine trusts.
    /// </summary>
    public string? RedisTlsAuthority { get; set; }

    /// <summary>
    /// The failure domain: copies of a chunk go to different ones. Null for the machine's name.
    /// </summary>
    public string? Host { get; set; }

    /// <summary>
    /// Time from SIGTERM until the ports close, during which <c>/readyz</c> says 503 and everything is still served: so
    /// long a load balancer needs to notice.
    /// </summary>
    public TimeSpan UnreadyTime { get; set; }

    /// <summary>
    /// The engine's dashboard: on the control ports of processes with the role <c>control</c>, about silos that have
    /// this set too.
    /// </summary>
    public bool Dashboard { get; set; }

    /// <summary>Bytes of memory for chunk buffers.</summary>
    [Range(32L << 20, 64L << 30)]
    public long ChunkBufferBytes { get; set; } = 128L << 20;

    /// <summary>Time running requests get to end after SIGTERM.</summary>
    public TimeSpan DrainTime { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>What this process does.</summary>
    internal Roles RoleSet => RoleNames.TryParse(Roles, out var roles, out _) ? roles : Serve.Roles.None;

    private static string DefaultDirectory(string variable, string underHome) => Path.Combine(
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } set ? set : Path.Combine(Home, underHome),
        "vault");

    /// <summary>Also where it does not exist yet: an empty path would put keys into the working directory.</summary>
    private static string Home => Environment.GetFolderPath(
        Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify);
}
