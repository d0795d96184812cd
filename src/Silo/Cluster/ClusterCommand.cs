using System.CommandLine;
using Vault.Cli;
using Vault.Silo.Serve;

namespace Vault.Silo.Cluster;

/// <summary>
/// <c>vault cluster</c>: a cluster of real processes on this machine, and what may befall it, tried by hand.
/// </summary>
internal static class ClusterCommand
{
    private const int MostProcesses = 32;

    private static readonly Option<string> Directory = new("--dir")
    {
        Description = "Directory of the cluster",
        DefaultValueFactory = _ => Path.Combine(Path.GetTempPath(), $"vault-cluster-{Environment.UserName}"),
        Recursive = true,
    };

    private static readonly Option<bool> Json = new("--json") { Description = "Print JSON", Recursive = true };

    public static Command Create()
    {
        var command = new Command("cluster", "A cluster of many processes on this machine")
        {
            Up(), Verb("down", "Stop everything and remove it", (d, _, ct) => ClusterDown.RunAsync(d, ct)),
            Verb("status", "Which processes run, and whether they are ready",
                (d, parse, ct) => ClusterReport.StatusAsync(d, parse.GetValue(Json), ct)),
            Logs(), Kill(),
            On("stop", "SIGTERM, and wait for the end", (_, _, p, ct) => ClusterFaults.StopAsync(p, ct)),
            Start(),
            On("pause", "SIGSTOP", (_, _, p, _) => Done(() => ClusterFaults.Pause(p, pause: true))),
            On("resume", "SIGCONT", (_, _, p, _) => Done(() => ClusterFaults.Pause(p, pause: false))),
            Partition(), Heal(), ClusterOwnerCommand.Create(), ClusterOwnerCommand.CreateKeys(),
        };
        command.Options.Add(Directory);
        command.Options.Add(Json);
        return command;
    }

    private static Command Up()
    {
        var silos = Numbers.Option("--silos", "Silos, each with a volume (3)", 1, MostProcesses);
        var gateways = Numbers.Option("--gateways", "S3 gateways (2)", 1, MostProcesses);
        var alike = new Option<bool>("--alike")
        {
            Description = "Every role in every process, as many as --silos; no gateways beside them",
        };
        var namespaces = new Option<bool>("--namespaces")
        {
            Description = "A network namespace for each process, so that `partition` works; needs root",
        };
        var cert = new Option<string?>("--tls-cert") { Description = "PEM certificate chain of the gateways' https" };
        var key = new Option<string?>("--tls-key") { Description = "PEM private key of the gateways' https" };
        var set = new Option<string[]>("--set")
        {
            Description = "A setting of every process, such as Vault__DrainTime=00:00:05",
        };
        var command = Verb(
            "up", "Start PostgreSQL, Redis, silos, gateways and a control plane; prints endpoints and credentials",
            async (directory, parse, ct) =>
            {
                var shape = new ClusterShape
                {
                    Directory = directory,
                    Silos = (int)(parse.GetValue(silos) ?? 3),
                    Gateways = (int)(parse.GetValue(gateways) ?? 2),
                    Alike = parse.GetValue(alike),
                    Namespaces = parse.GetValue(namespaces),
                    Tls = (parse.GetValue(cert), parse.GetValue(key)) switch
                    {
                        (null, null) => null,
                        ({ } file, { } with) => (file, with),
                        _ => throw new SetupException("--tls-cert and --tls-key go together"),
                    },
                    Settings = [.. (parse.GetValue(set) ?? []).Select(Setting)],
                };
                var (state, owner) = await new ClusterUp(shape).RunAsync(ct);
                ClusterReport.Up(state, owner, parse.GetValue(Json));
            });
        command.Options.Add(silos);
        command.Options.Add(gateways);
        command.Options.Add(alike);
        command.Options.Add(namespaces);
        command.Options.Add(cert);
        command.Options.Add(key);
        command.Options.Add(set);
        return command;
    }

    private static Command Logs()
    {
        var name = new Argument<string>("name") { Description = "The process" };
        var lines = Numbers.Option("--lines", "How many of the last lines (50)", 1, 1_000_000);
        var command = Verb("logs", "The end of a process's log", (directory, parse, _) =>
        {
            var file = directory.LogOf(ClusterFaults.Find(directory.Read(), parse.GetValue(name)!).Name);
            foreach (var line in File.ReadLines(file).TakeLast((int)(parse.GetValue(lines) ?? 50)))
                Console.Out.WriteLine(line);
            return Task.CompletedTask;
        });
        command.Arguments.Add(name);
        command.Options.Add(lines);
        return command;
    }

    /// <summary>Other commands may go on while it waits: what it waits for may be what they start.</summary>
    private static Command Start()
    {
        var name = new Argument<string>("name") { Description = "The process, as `status` names it" };
        var command = Verb("start", "Start one that has ended", async (directory, parse, ct) =>
        {
            ClusterProcess started = null!;
            await directory.ChangeAsync(
                state => Done(() =>
                {
                    started = ClusterFaults.Find(state, parse.GetValue(name)!);
                    ClusterFaults.Start(started, directory);
                }),
                ct);
            if (started.IsVault) await ClusterHealth.WaitAsync(started, directory, ct);
        });
        command.Arguments.Add(name);
        return command;
    }

    private static Command Kill()
    {
        var supervised = new Option<bool>("--supervised")
        {
            Description = "Leave its supervisor, which reaps it and tells the others",
        };
        var command = On(
            "kill", "SIGKILL to it and its supervisor",
            (_, parse, p, ct) => ClusterFaults.KillAsync(p, parse.GetValue(supervised), ct));
        command.Options.Add(supervised);
        return command;
    }

    private static Command Partition()
    {
        var from = new Option<string[]>("--from")
        {
            Description = "From these only, which may be `postgres` or `redis`", AllowMultipleArgumentsPerToken = true,
        };
        var name = new Argument<string>("name") { Description = "The process" };
        var command = Verb("partition", "Cut a process off from all others, or from some", (directory, parse, ct) =>
        {
            var state = directory.Read();
            var process = ClusterFaults.Find(state, parse.GetValue(name)!);
            return ClusterFaults.CutAsync(state, process, parse.GetValue(from) ?? [], ct);
        });
        command.Arguments.Add(name);
        command.Options.Add(from);
        return command;
    }

    private static Command Heal() => Verb("heal", "Undo every partition", async (directory, _, ct) =>
    {
        foreach (var process in directory.Read().Processes.Where(p => p.Namespace is not null))
            await ClusterNetwork.HealAsync(process, ct);
    });

    private static Command On(
        string verb, string description,
        Func<ClusterDirectory, ParseResult, ClusterProcess, CancellationToken, Task> run)
    {
        var name = new Argument<string>("name") { Description = "The process, as `status` names it" };
        var command = Verb(verb, description, (directory, parse, ct) => directory.ChangeAsync(
            state => run(directory, parse, ClusterFaults.Find(state, parse.GetValue(name)!), ct), ct));
        command.Arguments.Add(name);
        return command;
    }

    private static Command Verb(
        string verb, string description, Func<ClusterDirectory, ParseResult, CancellationToken, Task> run)
    {
        var command = new Command(verb, description);
        command.SetAction((parse, ct) => Startup.GuardAsync(
            () => run(new ClusterDirectory(parse.GetValue(Directory)!), parse, ct)));
        return command;
    }

    private static KeyValuePair<string, string> Setting(string text) =>
        text.IndexOf('=', StringComparison.Ordinal) switch
    {
        > 0 and var at => new(text[..at], text[(at + 1)..]),
        _ => throw new SetupException($"--set takes NAME=VALUE, not '{text}'"),
    };

    private static Task Done(Action action)
    {
        action();
        return Task.CompletedTask;
    }
}
