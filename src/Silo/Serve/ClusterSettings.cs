using System.Globalization;
using System.Net;
using Vault.Silo.Keys;

namespace Vault.Silo.Serve;

/// <summary>What a process that is one of many needs beside the settings of a process alone.</summary>
internal static class ClusterSettings
{
    /// <summary>Fewest characters of a cluster secret.</summary>
    public const int LeastSecret = 32;

    /// <summary>
    /// Whether the process runs every role and knows of no others. One that lists all roles is one of several equals.
    /// </summary>
    public static bool IsAlone(this ServeOptions options) => options.Roles.Trim() == RoleNames.All;

    /// <summary>Where the others reach this process.</summary>
    public static IPAddress Advertised(this ServeOptions options) =>
        IPAddress.Parse(options.AdvertisedAddress ?? options.Address);

    /// <summary>The failure domain.</summary>
    public static string HostName(this ServeOptions options) =>
        options.Host is { Length: > 0 } named ? named : Environment.MachineName;

    /// <summary>Where the others reach this process's shards.</summary>
    public static string NodeEndpoint(this ServeOptions options) => options.NodeName is { Length: > 0 } name
        ? string.Create(CultureInfo.InvariantCulture, $"{name}:{options.NodePort}")
        : new IPEndPoint(options.Advertised(), options.NodePort).ToString();

    /// <summary>Directories of volumes; none when there is the one in the data directory.</summary>
    public static string[] VolumePaths(this ServeOptions options) => (options.Volumes ?? "").Split(
        ',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The secret of the cluster.</summary>
    /// <exception cref="SetupException">It is too short, or its file cannot be used.</exception>
    public static string Secret(this ServeOptions options)
    {
        var text = options.ClusterSecret;
        if (options.ClusterSecretFile is { } file)
        {
            text = PrivateFile.ReadShared(file)?.Split('\n')[0].Trim()
                ?? throw new SetupException($"Vault:ClusterSecretFile names '{file}', which does not exist.");
        }

        return text is { Length: >= LeastSecret }
            ? text
            : throw new SetupException(
                $"Vault:{(options.ClusterSecretFile is null ? "ClusterSecret" : "ClusterSecretFile")}: the cluster's "
                + $"secret has fewer than {LeastSecret} characters; `vault cluster keys` makes one.");
    }

    /// <summary>Hosts and ports of <see cref="ServeOptions.Silos"/>.</summary>
    public static string[] Seeds(this ServeOptions options) => (options.Silos ?? "").Split(
        ',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Each wrong setting and its fix.</summary>
    public static IEnumerable<string> Faults(ServeOptions options)
    {
        if (!RoleNames.TryParse(options.Roles, out var roles, out var fault))
        {
            yield return $"Vault:Roles (--roles) is '{options.Roles}': {fault}";
            yield break;
        }

        if (options.IsAlone())
        {
            if (options.Seeds().Length > 0)
            {
                yield return "Vault:Silos (VAULT_SILOS) is for front ends, and Vault:Roles says all: name the roles of "
                    + "this process, such as s3.";
            }

            if (options.Volumes is not null)
                yield return "Vault:Volumes is for nodes of a cluster: a process alone has one volume.";
            yield break;
        }

        if (roles.HasFlag(Roles.Silo) && options.StateBackend != "postgres")
        {
            yield return "Vault:StateBackend (STATE_BACKEND) must be 'postgres' where silos are processes of their "
                + "own: the embedded database belongs to one process.";
        }

        if (options.ClusterSecret is null && options.ClusterSecretFile is null)
        {
            yield return "Vault:ClusterSecretFile is missing: a process with --roles proves itself to the others by "
                + "it; VAULT_CLUSTER_SECRET does as well.";
        }

        if (!roles.HasFlag(Roles.Silo) && options.Seeds().Length == 0)
        {
            yield return "Vault:Silos is missing: without the role 'silo' a process must know silos to ask; set "
                + "VAULT_SILOS to host:port, more than one with commas.";
        }

        foreach (var seed in options.Seeds())
        {
            if (!IsSeed(seed)) yield return $"Vault:Silos (VAULT_SILOS): '{seed}' is not host:port.";
        }

        if ((roles & (Roles.S3 | Roles.Control)) != 0 && options.ClusterKeysFile is null)
        {
            yield return "Vault:ClusterKeysFile is missing: roles 's3' and 'control' need the cluster's keys; "
                + "`vault cluster keys` makes them.";
        }

        if (options.ClusterTlsCert is null || options.ClusterTlsKey is null || options.ClusterTlsAuthority is null)
        {
            yield return "Vault:ClusterTlsCert, ClusterTlsKey or ClusterTlsAuthority is missing: the processes of a "
                + "cluster prove themselves to each other by certificates; `vault cluster keys` makes them.";
        }

        if (options.AdvertisedAddress is { } advertised && !ServeOptionsValidator.IsAddress(advertised))
            yield return $"Vault:AdvertisedAddress '{advertised}' is not an IP address in full.";
        if (options.NodeName is { Length: > 0 } name
            && Uri.CheckHostName(name) is not (UriHostNameType.Dns or UriHostNameType.IPv4))
        {
            yield return $"Vault:NodeName '{name}' is not a host name.";
        }

        if ((roles & (Roles.Silo | Roles.Node)) != 0 && options.AdvertisedAddress is null
            && IPAddress.TryParse(options.Address, out var address)
            && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)))
        {
            yield return "Vault:AdvertisedAddress is missing: Vault:Address is every address of this machine, and "
                + "others must be told one.";
        }

        foreach (var (setting, path) in new[]
        {
            ("ClusterKeysFile", options.ClusterKeysFile), ("ClusterSecretFile", options.ClusterSecretFile),
            ("ClusterTlsCert", options.ClusterTlsCert), ("ClusterTlsKey", options.ClusterTlsKey),
            ("ClusterTlsAuthority", options.ClusterTlsAuthority),
        })
        {
            if (path is not null && !File.Exists(path))
                yield return $"Vault:{setting} names '{path}', which does not exist.";
        }
    }

    private static bool IsSeed(string text)
    {
        var colon = text.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(text.AsSpan(colon + 1), out var port) || port == 0) return false;
        var host = text[..colon];
        return host is ['[', .., ']']
            ? IPAddress.TryParse(host.AsSpan(1, host.Length - 2), out _)
            : Uri.CheckHostName(host) is UriHostNameType.Dns or UriHostNameType.IPv4;
    }
}
