using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using Vault.Client.Control;
using Vault.Client.Keys;
using Vault.Protocol.Credentials;

namespace Vault.Cli;

/// <summary>
/// <c>vault key recover</c>: the recovery key makes a credential when all others are lost. It is read from standard
/// input or typed unseen, never taken from the command line, where other users and the shell's history see it.
/// </summary>
internal static class RecoverCommand
{
    private const int MaxLength = 256;

    public static Command Create(CliContext context)
    {
        var label = new Option<string>("--label")
        {
            Description = "Free text for people", DefaultValueFactory = _ => "recovered",
        };
        var save = new Option<bool>("--save")
        {
            Description = "Keep it as the owner's credential of the project, for s3env, key create and up",
        };
        var recover = new Command("recover", "Make a credential with the recovery key, read from standard input")
        {
            label, save,
        };
        recover.SetAction(CliCommands.Run(async (parse, ct) =>
        {
            if (!RecoveryKey.TryParse((await ReadAsync(ct)).Trim(), out var recovery))
            {
                throw new CliException(
                    "that is not a recovery key: one begins with vrk1, and this has a wrong or missing character");
            }

            using var owned = recovery;
            using var client = new ControlClient(context.ControlAddress(parse), null);
            var body = new JsonObject { ["label"] = parse.GetValue(label) };
            var answer = await client.SendSignedAsync(
                "/v1/credentials", body, recovery.Id.Reveal(), recovery.Secret.Reveal(), TimeProvider.System, ct);
            var credential = answer["credential"]!.AsObject();
            credential["project_id"] = (string)answer["project_id"]!;
            if (parse.GetValue(save)) Save(context, parse, credential);
            if (parse.GetValue(context.Json)) Output.Json(credential);
            else Output.Members(credential);
        }));
        return recover;
    }

    private static void Save(CliContext context, ParseResult parse, JsonObject credential)
    {
        var files = context.Files(parse);
        var project = (string)credential["project_id"]!;
        files.WriteOwner(new OwnerFile
        {
            ProjectId = project,
            ProjectName = project,
            AccessKeyId = (string)credential["access_key_id"]!,
            SecretAccessKey = (string)credential["secret_access_key"]!,
            Endpoint = context.Endpoints(parse)?.S3 ?? "http://127.0.0.1:9000",
            Control = context.ControlAddress(parse).ToString(),
        });
        Console.Error.WriteLine($"Kept in {files.OwnerPath(project)}");
    }

    private static async Task<string> ReadAsync(CancellationToken cancellationToken)
    {
        if (!Console.IsInputRedirected) return ReadUnseen();
        var text = new char[MaxLength];
        var length = await Console.In.ReadBlockAsync(text, cancellationToken);
        return new string(text, 0, length);
    }

    private static string ReadUnseen()
    {
        Console.Error.Write("Recovery key (not shown): ");
        var text = new StringBuilder();
        while (text.Length < MaxLength && Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace) text.Length = Math.Max(0, text.Length - 1);
            else text.Append(key.KeyChar);
        }

        Console.Error.WriteLine();
        return text.ToString();
    }
}
