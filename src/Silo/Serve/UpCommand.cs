using System.CommandLine;
using System.Text.Json.Nodes;
using Vault.Silo.FirstStart;

namespace Vault.Silo.Serve;

/// <summary>
/// <c>vault up</c>: serve, with a tenant, a project and its owner's credential made at the first start.
/// </summary>
internal static class UpCommand
{
    public static Command Create()
    {
        var flags = new ServeFlags();
        var json = new Option<bool>("--json") { Description = "Print endpoints and credentials as one line of JSON" };
        var command =
            new Command("up", "Start everything in this process; prints endpoints, credentials and examples") { json };
        flags.AddTo(command);
        command.SetAction((parse, cancellationToken) => Startup.GuardAsync(async () =>
        {
            await using var app = await VaultHost.BuildAsync(flags.Settings(parse), cancellationToken);
            await VaultHost.RunAsync(
                app, (running, ct) => ReadyAsync(running, parse.GetValue(json), ct), cancellationToken);
        }));
        return command;
    }

    private static async Task ReadyAsync(WebApplication app, bool json, CancellationToken cancellationToken)
    {
        var owner = await app.Services.GetRequiredService<OwnerSetup>().EnsureAsync(cancellationToken);
        var listeners = app.Services.GetRequiredService<Listeners>();
        Terminal.ShowLast(owner.RecoveryKey is { } recovery
            ? $"Recovery key, shown this once; keep it off this machine: {recovery}"
            : null);
        if (json)
        {
            Console.Out.WriteLine(new JsonObject
            {
                ["s3"] = DataDirectory.Text(listeners.S3!),
                ["s3_tls"] = listeners.S3Tls is { } tls ? DataDirectory.Text(tls) : null,
                ["control"] = DataDirectory.Text(listeners.Control),
                ["project_id"] = owner.File.ProjectId,
                ["access_key_id"] = owner.File.AccessKeyId,
                ["secret_access_key"] = owner.File.SecretAccessKey,
                ["region"] = owner.File.Region,
            }.ToJsonString());
        }
        else
        {
            Banner.Print(Console.Out, listeners, owner, app.Services.GetRequiredService<DataDirectory>());
        }

        await Console.Out.FlushAsync(cancellationToken);
    }
}
