using System.CommandLine;
using System.Text.Json.Nodes;
using Vault.Client.Control;
using Vault.Client.Keys;
using Vault.Protocol.Macaroons;

namespace Vault.Cli;

/// <summary>Options every verb shares: where the data and the keys are, which server to call, how to print.</summary>
internal sealed class CliContext
{
    public Option<string> Data { get; } = new("--data")
    {
        Description = "Data directory of the cluster",
        DefaultValueFactory = _ => Directory("VAULT_DATA", "Vault__DataDirectory", "XDG_DATA_HOME", ".local/share"),
        Recursive = true,
    };

    public Option<string?> Control { get; } = new("--control")
    {
        Description = "Address of the control plane, such as http://127.0.0.1:9001",
        Recursive = true,
    };

    public Option<string?> Token { get; } = new("--token")
    {
        Description = "Macaroon to use instead of the admin file; VAULT_TOKEN does the same",
        Recursive = true,
    };

    public Option<string?> Project { get; } = new("--project")
    {
        Description = "Project id; default: the one made first",
        Recursive = true,
    };

    public Option<bool> Json { get; } = new("--json") { Description = "Print JSON", Recursive = true };

    /// <summary>What <c>--ops</c> takes, for the help.</summary>
    public static string Operations { get; } =
        $"Only these operations, comma-separated: {OperationNames.Format(CapabilityOperations.All)}; read and write "
        + "stand for several";

    /// <summary>The user's configuration directory.</summary>
    public static string ConfigDirectory =>
        Directory("VAULT_CONFIG", "Vault__ConfigDirectory", "XDG_CONFIG_HOME", ".config");

    public void AddTo(Command command)
    {
        command.Options.Add(Data);
        command.Options.Add(Control);
        command.Options.Add(Token);
        command.Options.Add(Json);
    }

    public ClientDirectory Files(ParseResult parse) => ClientDirectory.Of(parse.GetValue(Data)!, ConfigDirectory);

    /// <summary>The owner whose credential signs.</summary>
    public OwnerFile Owner(ParseResult parse)
    {
        var files = Files(parse);
        var owners = files.Owners();
        var wanted = parse.GetValue(Project);
        foreach (var owner in owners)
        {
            if (wanted is null || owner.ProjectId == wanted) return owner;
        }

        throw new CliException(wanted is null
            ? $"no owner's credential in {files.Path}: run `vault up` first, or `vault s3env --new NAME`"
            : $"no credential of {wanted} in {files.Path}, which has {Names(owners)}: name one of those, or "
                + "make one of that project with its recovery key (`vault key recover --save`)");
    }

    private static string Names(IReadOnlyList<OwnerFile> owners) =>
        owners.Count == 0 ? "none" : string.Join(", ", owners.Take(5).Select(o => o.ProjectId))
            + (owners.Count > 5 ? " and others" : "");

    public ControlClient Operator(ParseResult parse)
    {
        var token = parse.GetValue(Token) ?? Environment.GetEnvironmentVariable("VAULT_TOKEN")
            ?? Files(parse).AdminToken();
        return token is null
            ? throw new CliException(
                "no token: give --token, set VAULT_TOKEN, or run this where `vault up` wrote admin.macaroon")
            : new ControlClient(ControlAddress(parse), token);
    }

    public Uri ControlAddress(ParseResult parse)
    {
        if (parse.GetValue(Control) is { } given) return new Uri(given);
        return new Uri(Endpoints(parse)?.Control ?? "http://127.0.0.1:9001");
    }

    /// <summary>
    /// Addresses of the process that runs on the data directory, as it wrote them when it became ready.
    /// </summary>
    public (string S3, string Control)? Endpoints(ParseResult parse)
    {
        var file = Path.Combine(parse.GetValue(Data)!, "endpoints.json");
        if (!File.Exists(file)) return null;
        var json = JsonNode.Parse(File.ReadAllText(file))!;
        return ((string)json["s3"]!, (string)json["control"]!);
    }

    private static string Home => Environment.GetFolderPath(
        Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify);

    private static string Directory(string variable, string setting, string xdg, string underHome)
    {
        if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } named) return named;
        if (Environment.GetEnvironmentVariable(setting) is { Length: > 0 } set) return set;
        var root = Environment.GetEnvironmentVariable(xdg) is { Length: > 0 } home
            ? home
            : Path.Combine(Home, underHome);
        return Path.Combine(root, "vault");
    }
}

/// <summary>A mistake the user can mend; the message says how.</summary>
internal sealed class CliException(string message) : Exception(message);
