using System.CommandLine;
using System.Text.Json.Nodes;

namespace Vault.Cli;

/// <summary><c>vault token create|revoke</c>: macaroons.</summary>
internal static class TokenCommand
{
    public static Command Create(CliContext context)
    {
        var project = new Option<string?>("--project") { Description = "Only this project" };
        var buckets = new Option<string[]>("--bucket") { Description = "Only these buckets; may be repeated" };
        var prefix = new Option<string?>("--prefix") { Description = "Only keys that start so" };
        var ops = new Option<string?>("--ops") { Description = "Only these operations, comma-separated" };
        var seconds = new Option<long>("--ttl") { Description = "Seconds until it expires", DefaultValueFactory = _ => 3600 };
        var label = new Option<string?>("--label") { Description = "Free text for people" };
        var create = new Command("create", "Mint a macaroon under the one in use") { project, buckets, prefix, ops, seconds, label };
        create.SetAction(CliCommands.Run(async (parse, ct) =>
        {
            using var client = context.Operator(parse);
            var body = new JsonObject { ["ttl_seconds"] = parse.GetValue(seconds) };
            if (parse.GetValue(project) is { } id) body["project_id"] = id;
            if (parse.GetValue(buckets) is { Length: > 0 } names) body["buckets"] = new JsonArray([.. names.Select(n => (JsonNode)n)]);
            if (parse.GetValue(prefix) is { } start) body["prefix"] = start;
            if (parse.GetValue(ops) is { } list) body["ops"] = new JsonArray([.. list.Split(',').Select(o => (JsonNode)o.Trim())]);
            if (parse.GetValue(label) is { } text) body["label"] = text;
            var answer = await client.SendAsync(HttpMethod.Post, "/v1/tokens/macaroon", body, ct);
            if (parse.GetValue(context.Json)) Output.Json(answer);
            else Console.Out.WriteLine((string)answer["token"]!);
        }));
        var token = new Argument<string>("token") { Description = "The macaroon to revoke, with all derived from it" };
        var revoke = new Command("revoke", "Revoke a macaroon and everything derived from it") { token, project };
        revoke.SetAction(CliCommands.Run(async (parse, ct) =>
        {
            using var client = context.Operator(parse);
            var body = new JsonObject { ["token"] = parse.GetValue(token) };
            if (parse.GetValue(project) is { } id) body["project_id"] = id;
            await client.SendAsync(HttpMethod.Post, "/v1/tokens/revoke", body, ct);
        }));
        return new Command("token", "Macaroons") { create, revoke };
    }
}
