using System.CommandLine;
using System.Text.Json.Nodes;

namespace Vault.Cli;

/// <summary><c>vault tenant create|list|show|delete</c>.</summary>
internal static class TenantCommand
{
    public static Command Create(CliContext context)
    {
        var id = new Argument<string>("tenant") { Description = "Tenant id, ten_…" };
        var name = new Argument<string>("name") { Description = "Name, 1 to 64 characters" };
        var email = new Option<string>("--email") { Description = "Owner's address", Required = true };
        var create = new Command("create", "Make a tenant") { name, email };
        create.SetAction(CliCommands.Run(async (parse, ct) =>
        {
            using var client = context.Operator(parse);
            var body = new JsonObject { ["name"] = parse.GetValue(name), ["owner_email"] = parse.GetValue(email) };
            Print(
                context, parse,
                (await client.SendAsync(HttpMethod.Post, "/v1/tenants", body, ct))["tenant"]!.AsObject());
        }));
        var list = new Command("list", "List tenants");
        list.SetAction(CliCommands.Run(async (parse, ct) =>
        {
            using var client = context.Operator(parse);
            var tenants = await Pages.AllAsync(client, "/v1/tenants?limit=1000", "tenants", ct);
            if (parse.GetValue(context.Json)) Output.Json(tenants);
            else Output.Table(tenants, "tenant_id", "name", "owner_email", "status", "created_at");
        }));
        var show = new Command("show", "Show one tenant") { id };
        show.SetAction(CliCommands.Run(async (parse, ct) =>
        {
            using var client = context.Operator(parse);
            Print(context, parse, (await client.SendAsync(
                HttpMethod.Get, $"/v1/tenants/{parse.GetValue(id)}", null, ct))["tenant"]!.AsObject());
        }));
        var delete = new Command("delete", "Delete an empty tenant") { id };
        delete.SetAction(CliCommands.Run(async (parse, ct) =>
        {
            using var client = context.Operator(parse);
            await client.SendAsync(HttpMethod.Delete, $"/v1/tenants/{parse.GetValue(id)}", null, ct);
        }));
        return new Command("tenant", "Tenants: who owns projects") { create, list, show, delete };
    }

    private static void Print(CliContext context, ParseResult parse, JsonObject value)
    {
        if (parse.GetValue(context.Json)) Output.Json(value);
        else Output.Members(value);
    }
}
