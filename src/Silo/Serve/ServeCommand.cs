using System.CommandLine;

namespace Vault.Silo.Serve;

/// <summary><c>vault serve</c>: runs the roles and prints no secret.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var flags = new ServeFlags();
        var command = new Command(
            "serve", "Run the server; settings come from --config, the environment and these flags, later ones win");
        flags.AddTo(command);
        command.SetAction((parse, cancellationToken) => Startup.GuardAsync(async () =>
        {
            await using var app = await VaultHost.BuildAsync(flags.Settings(parse), cancellationToken);
            await VaultHost.RunAsync(app, static (_, _) => Task.CompletedTask, cancellationToken);
        }));
        return command;
    }
}
