using System.CommandLine;
using System.Text.Json.Nodes;

namespace Vault.Cli;

/// <summary><c>vault project create|list|show|update|delete</c>.</summary>
internal static class ProjectCommand
{
    public static Command Create(CliContext context)
    {
        var id = new Argument<string>("project") { Description = "Project id, prj_…" };
        var name = new Argument<string>("name") { Description = "Name, 3 to 64 characters" };
        var tenant = new Option<string>("--tenant") { Description = "Tenant id", Required = true };
        var email = new Option<string>("--email")
        {
            Description = "Billing address, unique in the cluster",
            Required = true,
        };
        var status = new Option<string>("--status") { Description = "active, read_only or suspended", Required = true };
        var create = new Command("create", "Make a project; prints its credential and recovery key, once")
        {
            name, tenant, email,
        };
        create.SetAction(CliCommands.Run(async (parse, ct) =>
        {
            using var client = context.Operator(parse);
            var body = new JsonObject
            {
                ["tenant_id"] = parse.GetValue(tenant), ["name"] = parse.GetValue(name),
                ["billing_email"] = parse.GetValue(email),
            };
            var answer = await client.SendAsync(HttpMethod.Post, "/v1/projects", body, ct);
            if (parse.GetValue(context.Json))
            {
                Output.Json(answer);
                return;
            }

            Output.Members(answer["project"]!.AsObject());
            Output.Members(answer["credential"]!.AsObject());
            Console.Out.WriteLine($"{"recovery_key",-20} {answer["recovery_key"]}");
            Console.Error.WriteLine(
                "The secret and the recovery key are shown this once. Keep the recovery key off this machine.");
        }));
        var list = new Command("list", "List projects");
        list.SetAction(CliCommands.Run(async (parse, ct) =>
        {
            using var client = context.Operator(parse);
            var projects = await Pages.AllAsync(client, "/v1/projects?limit=1000", "projects", ct);
            if (parse.GetValue(context.Json)) Output.Json(projects);
            else Output.Table(projects, "project_id", "tenant_id", "name", "status", "created_at");
        }));
        var show = new Command("show", "Show one project, with its canonical owner id") { id };
        show.SetAction(CliCommands.Run(async (parse, ct) =>
        {
            using var client = context.Operator(parse);
            var project = (await client.SendAsync(
                HttpMethod.Get, $"/v1/projects/{parse.GetValue(id)}", null, ct))["project"]!.AsObject();
            if (parse.GetValue(context.Json)) Output.Json(project);
            else Output.Members(project);
        }));
        var update = new Command("update", "Change a project's status") { id, status };
        update.SetAction(CliCommands.Run(async (parse, ct) =>
        {
            using var client = context.Operator(parse);
            await client.SendAsync(
                HttpMethod.Patch, $"/v1/projects/{parse.GetValue(id)}",
                new JsonObject { ["status"] = parse.GetValue(status) }, ct);
        }));
        var delete = new Command("delete", "Delete a project without buckets") { id };
        delete.SetAction(CliCommands.Run(async (parse, ct) =>
        {
            using var client = context.Operator(parse);
            await client.SendAsync(HttpMethod.Delete, $"/v1/projects/{parse.GetValue(id)}", null, ct);
        }));
        return new Command("project", "Projects: buckets, credentials and one key each")
        {
            create, list, show, update, delete,
        };
    }
}
