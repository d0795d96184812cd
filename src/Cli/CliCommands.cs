using System.CommandLine;
using System.Text.Json;
using Vault.Client.Control;

namespace Vault.Cli;

/// <summary>The verbs that talk to a running cluster.</summary>
public static class CliCommands
{
    /// <summary>Adds them to the program's root command.</summary>
    public static void AddTo(RootCommand root)
    {
        var context = new CliContext();
        foreach (var command in new[]
        {
            KeyCommand.Create(context),
            TenantCommand.Create(context),
            ProjectCommand.Create(context),
            TokenCommand.Create(context),
            S3EnvCommand.Create(context),
        })
        {
            context.AddTo(command);
            root.Subcommands.Add(command);
        }
    }

    /// <summary>Runs a verb's body; what a user can mend becomes one line on stderr and exit code 1.</summary>
    internal static Func<ParseResult, CancellationToken, Task<int>> Run(Func<ParseResult, CancellationToken, Task> body) =>
        async (parse, cancellationToken) =>
        {
            try
            {
                await body(parse, cancellationToken);
                return 0;
            }
            catch (ControlException e)
            {
                return Fail($"{e.Code}: {e.Message}");
            }
            catch (HttpRequestException e)
            {
                return Fail($"the control plane does not answer ({e.Message}): is `vault up` running? --control names another address");
            }
            catch (Exception e) when (e is CliException or IOException or UnauthorizedAccessException or JsonException or UriFormatException)
            {
                return Fail(e.Message);
            }
        };

    private static int Fail(string message)
    {
        Console.Error.WriteLine($"vault: {message}");
        return 1;
    }
}
