using System.CommandLine;
using System.Text.Json.Nodes;
using Vault.Client.Control;

namespace Vault.Cli;

/// <summary><c>vault key create|list|revoke|recover</c>: S3 credentials of a project.</summary>
internal static class KeyCommand
{
    private const long MaxDays = 365;
    private const long SecondsPerDay = 86_400;

    public static Command Create(CliContext context)
    {
        var label = new Option<string?>("--label") { Description = "Free text for people" };
        var buckets = new Option<string[]>("--bucket") { Description = "Only these buckets; may be repeated" };
        var prefix = new Option<string?>("--prefix") { Description = "Only keys that start so" };
        var ops = new Option<string?>("--ops") { Description = CliContext.Operations };
        var days = Numbers.Option("--days", "Valid for so many days", 1, MaxDays);
        var create = new Command("create", "Make a further credential, signed by the owner's; never wider than that")
        {
            label, buckets, prefix, ops, days,
        };
        create.SetAction(CliCommands.Run(async (parse, ct) =>
        {
            var owner = context.Owner(parse);
            var body = new JsonObject();
            if (parse.GetValue(label) is { } text) body["label"] = text;
            if (parse.GetValue(buckets) is { Length: > 0 } names)
                body["buckets"] = new JsonArray([.. names.Select(n => (JsonNode)n)]);
            if (parse.GetValue(prefix) is { } start) body["prefix"] = start;
            if (parse.GetValue(ops) is { } list)
                body["ops"] = new JsonArray([.. list.Split(',').Select(o => (JsonNode)o.Trim())]);
            if (parse.GetValue(days) is { } lifetime) body["ttl_seconds"] = lifetime * SecondsPerDay;
            using var client = new ControlClient(context.ControlAddress(parse), null);
            var answer = await client.SendSignedAsync(
                "/v1/credentials", body, owner.AccessKeyId, owner.SecretAccessKey, TimeProvider.System, ct);
            if (parse.GetValue(context.Json))
            {
                Output.Json(answer["credential"]!);
                return;
            }

            Output.Members(answer["credential"]!.AsObject());
            Console.Error.WriteLine("The secret is shown this once.");
        }));
        var listKeys = new Command("list", "List a project's credentials");
        listKeys.SetAction(CliCommands.Run(async (parse, ct) =>
        {
            using var client = context.Operator(parse);
            var project = parse.GetValue(context.Project) ?? context.Owner(parse).ProjectId;
            var keys = await Pages.AllAsync(
                client, $"/v1/credentials?limit=1000&project_id={project}", "credentials", ct);
            if (parse.GetValue(context.Json)) Output.Json(keys);
            else Output.Table(keys, "lookup", "label", "recovery", "created_at", "expires_at", "revoked_at");
        }));
        var lookup = new Argument<string>("lookup")
        {
            Description = "The credential's lookup, 64 hex digits (vault key list)",
        };
        var reason = new Option<string?>("--reason") { Description = "Why, for the audit trail" };
        var revoke = new Command("revoke", "Revoke a credential; front ends stop accepting it within 60 seconds")
        {
            lookup, reason,
        };
        revoke.SetAction(CliCommands.Run(async (parse, ct) =>
        {
            using var client = context.Operator(parse);
            var body = new JsonObject { ["lookup"] = parse.GetValue(lookup) };
            if (parse.GetValue(reason) is { } why) body["reason"] = why;
            var answer = await client.SendAsync(HttpMethod.Post, "/v1/credentials/revoke", body, ct);
            if (parse.GetValue(context.Json)) Output.Json(answer);
            else Console.Error.WriteLine("Revoked. Front ends that have it cached accept it for 60 seconds at most.");
        }));
        var key = new Command("key", "S3 credentials") { create, listKeys, revoke, RecoverCommand.Create(context) };
        key.Options.Add(context.Project);
        return key;
    }
}
