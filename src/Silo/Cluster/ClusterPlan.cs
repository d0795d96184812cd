using System.Globalization;
using Vault.Silo.Keys;

namespace Vault.Silo.Cluster;

/// <summary>Writes down the processes of a cluster, their addresses and settings.</summary>
internal sealed class ClusterPlan(ClusterShape shape, ClusterNetwork network, string databaseUrl, ClusterProcess redis)
{
    /// <summary>So long a load balancer that asks every 100 ms needs, and some more.</summary>
    private const string UnreadyTime = "00:00:01";

    private readonly List<ClusterProcess> _processes = [];

    /// <summary>Silos, gateways and the control plane, in the order of starting.</summary>
    public async Task<IReadOnlyList<ClusterProcess>> ProcessesAsync(CancellationToken ct)
    {
        if (shape.Alike)
        {
            for (var i = 1; i <= shape.Silos; i++)
            {
                var name = string.Create(CultureInfo.InvariantCulture, $"all-{i}");
                var settings = Silo(name);
                AddFront(settings);
                AddS3(settings);
                settings["Vault__Roles"] = "silo,node,s3,gateway,control";
                await MakeAsync(name, ProcessKind.Alike, settings, ct);
            }

            return _processes;
        }

        var seeds = new List<string>();
        for (var i = 1; i <= shape.Silos; i++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"silo-{i}");
            var silo = await MakeAsync(name, ProcessKind.Silo, Silo(name), ct);
            seeds.Add($"{silo.Address}:{silo.Environment["Vault__GatewayPort"]}");
        }

        var front = new Dictionary<string, string> { ["Vault__Silos"] = string.Join(',', seeds) };
        AddFront(front);
        for (var i = 1; i <= shape.Gateways; i++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"gateway-{i}");
            var settings = new Dictionary<string, string>(front) { ["Vault__Roles"] = "s3" };
            AddS3(settings);
            await MakeAsync(name, ProcessKind.S3, settings, ct);
        }

        await MakeAsync("control-1", ProcessKind.Control, new(front) { ["Vault__Roles"] = "control" }, ct);
        return _processes;
    }

    private void AddFront(Dictionary<string, string> settings)
    {
        settings["Vault__ClusterKeysFile"] = shape.Directory.ClusterKeys;
        settings["Vault__UnreadyTime"] = UnreadyTime;
    }

    private void AddS3(Dictionary<string, string> settings)
    {
        settings["Vault__S3Port"] = Text(network.Port());
        if (shape.Tls is not var (certificate, key)) return;
        settings["Vault__S3TlsPort"] = Text(network.Port());
        settings["Vault__TlsCert"] = Path.GetFullPath(certificate);
        settings["Vault__TlsKey"] = Path.GetFullPath(key);
    }

    private Dictionary<string, string> Silo(string name) => new()
    {
        ["Vault__Roles"] = "silo,node",
        ["Vault__SiloPort"] = Text(network.Port()),
        ["Vault__GatewayPort"] = Text(network.Port()),
        ["Vault__NodePort"] = Text(network.Port()),
        ["Vault__DataDirectory"] = shape.Directory.DataOf(name),
        ["Vault__Host"] = name,
        ["STATE_BACKEND"] = "postgres",
        ["DATABASE_URL"] = databaseUrl,
    };

    private async Task<ClusterProcess> MakeAsync(
        string name, ProcessKind kind, Dictionary<string, string> settings, CancellationToken ct)
    {
        var (address, space, cable) = await network.AddressAsync(name, ct);
        var control = network.Port();
        settings["Vault__Address"] = address;
        settings["Shards__LeastHosts"] = Text(shape.Silos);
        settings["Vault__ControlPort"] = Text(control);
        settings["Vault__ConfigDirectory"] = shape.Directory.Config;
        settings["Vault__ClusterSecretFile"] = shape.Directory.ClusterSecret;
        var certificates = shape.Directory.Certificates;
        settings["Vault__ClusterTlsCert"] = Path.Combine(certificates, ClusterCertificateFiles.ProcessFile);
        settings["Vault__ClusterTlsKey"] = Path.Combine(certificates, ClusterCertificateFiles.ProcessKeyFile);
        settings["Vault__ClusterTlsAuthority"] = Path.Combine(certificates, ClusterCertificateFiles.AuthorityFile);
        settings["REDIS_URL"] = $"redis://{redis.Address}:{redis.Port}";
        settings["DOTNET_EnableDiagnostics"] = "0"; // its files would stay in the temporary directory after a kill
        foreach (var (variable, value) in shape.Settings) settings[variable] = value;
        var process = new ClusterProcess
        {
            Name = name,
            Kind = kind,
            Command = [Environment.ProcessPath!, "supervise", "--", "serve"],
            Environment = settings,
            Address = address,
            Port = kind switch
            {
                ProcessKind.S3 or ProcessKind.Alike => int.Parse(settings["Vault__S3Port"], CultureInfo.InvariantCulture),
                ProcessKind.Silo => int.Parse(settings["Vault__SiloPort"], CultureInfo.InvariantCulture),
                _ => control,
            },
            TlsPort = settings.TryGetValue("Vault__S3TlsPort", out var tls)
                ? int.Parse(tls, CultureInfo.InvariantCulture)
                : 0,
            ControlPort = control,
            Namespace = space,
            Cable = cable,
        };
        _processes.Add(process);
        return process;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
