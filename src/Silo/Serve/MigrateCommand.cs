using System.CommandLine;

namespace Vault.Silo.Serve;

/// <summary>
/// <c>vault migrate</c>: brings the schema up to date and ends; <c>serve</c> does the same by itself.
/// </summary>
internal static class MigrateCommand
{
    public static Command Create()
    {
        var flags = new ServeFlags();
        var command = new Command("migrate", "Bring the database schema up to date, then exit");
        flags.AddTo(command);
        command.SetAction((parse, cancellationToken) => Startup.GuardAsync(async () =>
        {
            var options = VaultHost.Validate(flags.Settings(parse));
            await using var database = await Databases.OpenAsync(options, TimeProvider.System, null, cancellationToken);
            await database.MigrateAsync(Databases.Modules, cancellationToken);
            Console.Out.WriteLine("The schema is up to date.");
        }));
        return command;
    }
}
