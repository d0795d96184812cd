using System.CommandLine;
using System.CommandLine.Parsing;
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
    internal static Func<ParseResult, CancellationToken, Task<int>> Run(
        Func<ParseResult, CancellationToken, Task> body) =>
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
                return Fail($"the control plane does not answer ({e.Message}): is `vault up` running? --control names "
                    + "another address");
            }
            catch (Exception e) when (e is CliException
                or IOException or UnauthorizedAccessException or JsonException or UriFormatException)
            {
                return Fail(e.Message);
            }
        };

    /// <summary>Says what of a command line was not understood and whose help to read; exit code 2.</summary>
    public static int Refuse(ParseResult parse)
    {
        var command = parse.CommandResult.Command;
        var names = new List<string>();
        for (SymbolResult? at = parse.CommandResult; at is CommandResult result; at = result.Parent)
        {
            names.Insert(0, result.Command is RootCommand ? "vault" : result.Command.Name);
        }

        var path = string.Join(' ', names);
        if (command.Subcommands.Count > 0)
        {
            var verbs = string.Join(", ", command.Subcommands.Select(s => s.Name));
            var unknown = parse.UnmatchedTokens.Count > 0 ? parse.UnmatchedTokens[0] : null;
            Console.Error.WriteLine(unknown is null
                ? $"vault: `{path}` needs a verb: {verbs}"
                : $"vault: `{path}` has no verb '{unknown}'; it has {verbs}");
        }
        else
        {
            foreach (var argument in command.Arguments.Where(a => a.Arity.MinimumNumberOfValues > 0))
            {
                if (parse.GetResult(argument) is { Tokens.Count: > 0 }) continue;
                Console.Error.WriteLine($"vault: `{path}` needs <{argument.Name}>: {argument.Description}");
            }

            foreach (var error in parse.Errors) Console.Error.WriteLine($"vault: {error.Message}");
        }

        Console.Error.WriteLine($"vault: see `{path} --help`");
        return 2;
    }

    private static int Fail(string message)
    {
        Console.Error.WriteLine($"vault: {message}");
        return 1;
    }
}
