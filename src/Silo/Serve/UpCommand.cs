using System.CommandLine;
using System.Text.Json.Nodes;
using Microsoft.Win32.SafeHandles;
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

    /// <summary>
    /// Where secrets are shown that no file may hold: standard error, or the descriptor that VAULT_TERMINAL_FD names
    /// when standard error goes to a log. The descriptor is closed after use.
    /// </summary>
    private static StreamWriter Terminal() =>
        int.TryParse(Environment.GetEnvironmentVariable("VAULT_TERMINAL_FD"), out var descriptor) && descriptor > 2
            ? new StreamWriter(new FileStream(new SafeFileHandle(descriptor, ownsHandle: true), FileAccess.Write, 1))
            : new StreamWriter(Console.OpenStandardError());

    private static async Task ReadyAsync(WebApplication app, bool json, CancellationToken cancellationToken)
    {
        var owner = await app.Services.GetRequiredService<OwnerSetup>().EnsureAsync(cancellationToken);
        var listeners = app.Services.GetRequiredService<Listeners>();
        using (var terminal = Terminal())
        {
            if (owner.RecoveryKey is { } recovery)
                await terminal.WriteLineAsync($"Recovery key, shown this once; keep it off this machine: {recovery}");
        }

        if (json)
        {
            Console.Out.WriteLine(new JsonObject
            {
                ["s3"] = DataDirectory.Text(listeners.S3),
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
