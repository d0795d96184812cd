using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Vault.Cli;

namespace Vault.Silo.Serve;

/// <summary>The flags of <c>serve</c> and <c>up</c>, each a setting of section <c>Vault</c>.</summary>
internal sealed class ServeFlags
{
    private const int MaxPort = 65_535;

    private readonly Option<string?> _config = new("--config") { Description = "JSON file with settings" };

    private readonly (string Setting, Option<string?> Flag)[] _texts =
    [
        ("DataDirectory", new("--data") { Description = "Directory of database, volume and cluster id" }),
        ("ConfigDirectory", new("--keys") { Description = "Directory of keys and credentials" }),
        ("Address", new("--address") { Description = "IP address to listen on (127.0.0.1)" }),
        ("TlsCert", new("--tls-cert") { Description = "PEM certificate chain for --s3-tls-port" }),
        ("TlsKey", new("--tls-key") { Description = "PEM private key for --s3-tls-port" }),
        ("Roles", new("--roles")
        {
            Description = "What this process does (all): some of silo,node,s3,control,gateway",
        }),
        ("AdvertisedAddress", new("--advertised-address") { Description = "IP address at which others reach it" }),
        ("Silos", new("--silos") { Description = "Silos to ask, host:port,host:port with their gateway ports" }),
        ("ClusterKeysFile", new("--cluster-keys") { Description = "File with the cluster's keys" }),
        ("ClusterSecretFile", new("--cluster-secret") { Description = "File with the cluster's secret" }),
        ("Host", new("--host") { Description = "Failure domain (the machine's name)" }),
    ];

    private readonly (string Setting, Option<long?> Flag)[] _numbers =
    [
        ("S3Port", Numbers.Option("--s3-port", "S3 over http (9000; 0 picks a free one)", 0, MaxPort)),
        ("S3TlsPort", Numbers.Option("--s3-tls-port", "S3 over https (none)", 0, MaxPort)),
        ("ControlPort", Numbers.Option("--control-port", "/v1, health and metrics (9001)", 0, MaxPort)),
        ("SiloPort", Numbers.Option("--silo-port", "Calls between silos (11111)", 1, MaxPort)),
        ("GatewayPort", Numbers.Option("--gateway-port", "Calls from front ends (30000)", 1, MaxPort)),
        ("NodePort", Numbers.Option("--node-port", "Shards between processes (9100)", 1, MaxPort)),
    ];

    public void AddTo(Command command)
    {
        command.Options.Add(_config);
        foreach (var (_, flag) in _texts) command.Options.Add(flag);
        foreach (var (_, flag) in _numbers) command.Options.Add(flag);
    }

    /// <summary>File, then environment, then flags; the names of storage-network.md §20 are aliases.</summary>
    public ConfigurationManager Settings(ParseResult parse)
    {
        var settings = new ConfigurationManager();
        if (parse.GetValue(_config) is { } file) settings.AddConfiguration(FromFile(Path.GetFullPath(file)));
        var environment = new ConfigurationBuilder().AddEnvironmentVariables().Build();
        foreach (var unknown in SettingsCheck.Unknown(environment, whole: false))
            Console.Error.WriteLine($"vault: warning: the environment: {unknown}");
        settings.AddConfiguration(environment);
        var aliases = new Dictionary<string, string?>();
        Alias(settings, aliases, "STATE_BACKEND", "Vault:StateBackend");
        Alias(settings, aliases, "DATABASE_URL", "Vault:DatabaseUrl");
        Alias(settings, aliases, "REDIS_URL", "Vault:RedisUrl");
        Alias(settings, aliases, "VAULT_SILOS", "Vault:Silos");
        Alias(settings, aliases, "VAULT_ROLES", "Vault:Roles");
        Alias(settings, aliases, "VAULT_CLUSTER_SECRET", "Vault:ClusterSecret");
        Alias(settings, aliases, "INTERNAL_API_TOKEN", "ControlPlane:InternalToken");
        Alias(settings, aliases, "REQUIRE_PRODUCTION_READY", "ControlPlane:RequireProductionReady");
        foreach (var (setting, flag) in _texts)
        {
            if (parse.GetValue(flag) is { } value) aliases[$"Vault:{setting}"] = value;
        }

        foreach (var (setting, flag) in _numbers)
        {
            if (parse.GetValue(flag) is { } value)
                aliases[$"Vault:{setting}"] = value.ToString(CultureInfo.InvariantCulture);
        }

        settings.AddInMemoryCollection(aliases);
        return settings;
    }

    /// <exception cref="OptionsValidationException">The file cannot be read, or has what nothing reads.</exception>
    private static IConfigurationRoot FromFile(string path)
    {
        try
        {
            using var text = File.OpenRead(path);
            var file = new ConfigurationBuilder().AddJsonStream(text).Build();
            var unknown = SettingsCheck.Unknown(file, whole: true);
            return unknown.Count == 0 ? file : throw Refusal(unknown.Select(u => $"--config '{path}': {u}"));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Refusal([$"--config '{path}': there is no such file; name a JSON file with settings"]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Refusal([$"--config '{path}' cannot be read: {e.Message}"]);
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            var fault = e.InnerException as JsonException ?? e as JsonException;
            var where = fault?.LineNumber is { } line ? $", at line {line + 1}" : "";
            throw Refusal([$"--config '{path}' is not a JSON object of settings{where}: mend it, or leave it out"]);
        }
    }

    private static OptionsValidationException Refusal(IEnumerable<string> faults) =>
        new("Settings", typeof(ServeOptions), faults);

    private static void Alias(
        ConfigurationManager settings, Dictionary<string, string?> aliases, string variable, string setting)
    {
        if (settings[variable] is { Length: > 0 } value && settings[setting] is null) aliases[setting] = value;
    }
}
