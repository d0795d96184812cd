using System.CommandLine;
using System.Globalization;
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
        ("Roles", new("--roles") { Description = "What this process does (all)" }),
    ];

    private readonly (string Setting, Option<long?> Flag)[] _numbers =
    [
        ("S3Port", Numbers.Option("--s3-port", "S3 over http (9000; 0 picks a free one)", 0, MaxPort)),
        ("S3TlsPort", Numbers.Option("--s3-tls-port", "S3 over https (none)", 0, MaxPort)),
        ("ControlPort", Numbers.Option("--control-port", "/v1, health and metrics (9001)", 0, MaxPort)),
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
        if (parse.GetValue(_config) is { } file) settings.AddJsonFile(Path.GetFullPath(file), optional: false);
        settings.AddEnvironmentVariables();
        var aliases = new Dictionary<string, string?>();
        Alias(settings, aliases, "STATE_BACKEND", "Vault:StateBackend");
        Alias(settings, aliases, "DATABASE_URL", "Vault:DatabaseUrl");
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

    private static void Alias(
        ConfigurationManager settings, Dictionary<string, string?> aliases, string variable, string setting)
    {
        if (settings[variable] is { Length: > 0 } value && settings[setting] is null) aliases[setting] = value;
    }
}
