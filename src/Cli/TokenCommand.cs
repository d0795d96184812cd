using System.CommandLine;
using System.Text.Json.Nodes;

namespace Vault.Cli;

/// <summary><c>vault token create|list|revoke</c>: macaroons.</summary>
internal static class TokenCommand
{
    public static Command Create(CliContext context)
    {
        var project = new Option<string?>("--project") { Description = "Only this project" };
        var buckets = new Option<string[]>("--bucket") { Description = "Only these buckets; may be repeated" };
        var prefix = new Option<string?>("--prefix") { Description = "Only keys that start so" };
        var ops = new Option<string?>("--ops") { Description = CliContext.Operations };
        var seconds = Numbers.Option("--ttl", "Seconds until it expires (3600)", 60, 31_536_000);
        var label = new Option<string?>("--label") { Description = "Free text for people" };
        var create = new Command("create", "Mint a macaroon under the one in use")
        {
            project, buckets, prefix, ops, seconds, label,
        };
        create.SetAction(CliCommands.Run(async (parse, ct) =>
        {
            using var client = context.Operator(parse);
            var body = new JsonObject { ["ttl_seconds"] = parse.GetValue(seconds) ?? 3600 };
            if (parse.GetValue(project) is { } id) body["project_id"] = id;
            if (parse.GetValue(buckets) is { Length: > 0 } names)
                body["buckets"] = new JsonArray([.. names.Select(n => (JsonNode)n)]);
            if (parse.GetValue(prefix) is { } start) body["prefix"] = start;
            if (parse.GetValue(ops) is { } list)
                body["ops"] = new JsonArray([.. list.Split(',').Select(o => (JsonNode)o.Trim())]);
            if (parse.GetValue(label) is { } text) body["label"] = text;
            var answer = await client.SendAsync(HttpMethod.Post, "/v1/tokens/macaroon", body, ct);
            if (parse.GetValue(context.Json)) Output.Json(answer);
            else Console.Out.WriteLine((string)answer["token"]!);
        }));
        return new Command("token", "Macaroons") { create, List(context, project), Revoke(context, project) };
    }

    private static Command List(CliContext context, Option<string?> project)
    {
        var none = new Option<bool>("--cluster") { Description = "Tokens that are for no project: the operator's" };
        var list = new Command("list", "List a project's tokens: names and times, never the tokens") { project, none };
        list.SetAction(CliCommands.Run(async (parse, ct) =>
        {
            using var client = context.Operator(parse);
            var filter = "";
            if (!parse.GetValue(none))
                filter = $"&project_id={parse.GetValue(project) ?? context.Owner(parse).ProjectId}";
            var tokens = await Pages.AllAsync(client, $"/v1/tokens?limit=1000{filter}", "tokens", ct);
            if (parse.GetValue(context.Json)) Output.Json(tokens);
            else Output.Table(tokens, "identifier", "label", "created_at", "expires_at", "revoked_at");
        }));
        return list;
    }

    private static Command Revoke(CliContext context, Option<string?> project)
    {
        var token = new Argument<string?>("token")
        {
            Description = "The macaroon; - reads it from standard input, out of sight of other users",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var identifier = new Option<string?>("--identifier")
        {
            Description = "Its identifier instead (vault token list)",
        };
        var tail = new Option<string?>("--tail")
        {
            Description = "SHA-256 of a signature in its chain instead, 64 hex digits",
        };
        var revoke = new Command("revoke", "Revoke a macaroon and everything derived from it")
        {
            token, identifier, tail, project,
        };
        revoke.SetAction(CliCommands.Run(async (parse, ct) =>
        {
            var body = new JsonObject();
            if (parse.GetValue(token) is { } text)
            {
                body["token"] = text == "-" ? (await Console.In.ReadLineAsync(ct))?.Trim() : text;
            }

            if (parse.GetValue(identifier) is { } name) body["identifier"] = name;
            if (parse.GetValue(tail) is { } hash) body["tail"] = hash;
            if (body.Count != 1) throw new CliException("give one of: the token, --identifier, --tail");
            if (!body.ContainsKey("token"))
            {
                body["project_id"] = parse.GetValue(project) ?? context.Owner(parse).ProjectId;
            }

            using var client = context.Operator(parse);
            var answer = await client.SendAsync(HttpMethod.Post, "/v1/tokens/revoke", body, ct);
            if (parse.GetValue(context.Json)) Output.Json(answer);
            else
            {
                Console.Error.WriteLine("Revoked. Front ends that have it cached stop accepting it within 60 seconds.");
            }
        }));
        return revoke;
    }
}
