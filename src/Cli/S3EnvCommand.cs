using System.CommandLine;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Vault.Client.Keys;

namespace Vault.Cli;

/// <summary><c>vault s3env [--new NAME]</c>: shell lines that any S3 client understands.</summary>
internal static class S3EnvCommand
{
    public static Command Create(CliContext context)
    {
        var fresh = new Option<string?>("--new")
        {
            Description = "Make a further project of this name and print its owner's lines",
        };
        var command = new Command("s3env", "Print export lines for S3 clients: eval \"$(vault s3env)\"")
        {
            fresh, context.Project,
        };
        command.SetAction(CliCommands.Run(async (parse, ct) =>
        {
            var owner = parse.GetValue(fresh) is { } name
                ? await MakeAsync(context, parse, name, ct)
                : context.Owner(parse);
            var endpoint = context.Endpoints(parse)?.S3 ?? owner.Endpoint;
            if (parse.GetValue(context.Json))
            {
                Output.Json(new JsonObject
                {
                    ["AWS_ENDPOINT_URL"] = endpoint,
                    ["AWS_ACCESS_KEY_ID"] = owner.AccessKeyId,
                    ["AWS_SECRET_ACCESS_KEY"] = owner.SecretAccessKey,
                    ["AWS_DEFAULT_REGION"] = owner.Region,
                });
                return;
            }

            Console.Out.WriteLine($"export AWS_ENDPOINT_URL={endpoint}");
            Console.Out.WriteLine($"export AWS_ACCESS_KEY_ID={owner.AccessKeyId}");
            Console.Out.WriteLine($"export AWS_SECRET_ACCESS_KEY={owner.SecretAccessKey}");
            Console.Out.WriteLine($"export AWS_DEFAULT_REGION={owner.Region}");
        }));
        return command;
    }

    private static async Task<OwnerFile> MakeAsync(
        CliContext context, ParseResult parse, string name, CancellationToken cancellationToken)
    {
        var files = context.Files(parse);
        if (files.Owners().FirstOrDefault(o => o.ProjectName == name) is { } known)
        {
            throw new CliException(
                $"there is a project '{name}' already, {known.ProjectId}: choose another name, "
                + $"or print its lines with `vault s3env --project {known.ProjectId}`");
        }

        using var client = context.Operator(parse);
        var tenants = await Pages.AllAsync(client, "/v1/tenants?limit=1000", "tenants", cancellationToken);
        if (tenants.Count == 0)
            throw new CliException("there is no tenant to own the project: run `vault tenant create` first");
        var body = new JsonObject
        {
            ["tenant_id"] = (string)tenants[0]!["tenant_id"]!,
            ["name"] = name,
            ["billing_email"] = $"{RandomNumberGenerator.GetHexString(12, lowercase: true)}@localhost.invalid",
        };
        var answer = await client.SendAsync(HttpMethod.Post, "/v1/projects", body, cancellationToken);
        var owner = new OwnerFile
        {
            ProjectId = (string)answer["project"]!["project_id"]!,
            ProjectName = name,
            AccessKeyId = (string)answer["credential"]!["access_key_id"]!,
            SecretAccessKey = (string)answer["credential"]!["secret_access_key"]!,
            Endpoint = context.Endpoints(parse)?.S3 ?? "http://127.0.0.1:9000",
            Control = context.ControlAddress(parse).ToString(),
        };
        files.WriteOwner(owner);
        Console.Error.WriteLine($"Recovery key of {owner.ProjectId}, shown this once: {answer["recovery_key"]}");
        return owner;
    }
}
