using System.CommandLine;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Vault.Silo.Engine;
using Vault.Sql;

namespace Vault.Silo.Serve;

/// <summary>
/// <c>vault supervise -- serve …</c>: runs the server, hands it the signals, reaps it, and says in the membership table
/// that it is dead, so that nobody has to find out. One that ended because it was declared dead is started again.
/// </summary>
internal static partial class SuperviseCommand
{
    /// <summary>One that ends sooner than this would end again: it is not started anew at once.</summary>
    private static readonly TimeSpan Hasty = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private static readonly PosixSignal[] Forwarded =
        [PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGQUIT, PosixSignal.SIGHUP];

    public static Command Create()
    {
        var restart = new Option<bool>("--restart")
        {
            Description = "Start it again when it has died, unless its database went back",
        };
        var verb = new Argument<string[]>("command")
        {
            Description = "The verb to run and its flags, after `--`", Arity = ArgumentArity.OneOrMore,
        };
        var command = new Command(
            "supervise", "Run `serve` as a child, and tell the cluster at once when it has died: supervise -- serve …")
        {
            restart, verb,
        };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var code = 0;
            var failed = await Startup.GuardAsync(async () =>
                code = await RunAsync(parse.GetValue(verb)!, parse.GetValue(restart), cancellationToken));
            return failed != 0 ? failed : code;
        });
        return command;
    }

    private static async Task<int> RunAsync(string[] arguments, bool restart, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var (child, code, again) = (0, 0, restart);
        var signals = Forwarded.Select(signal => PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            stop.Cancel();
            if (Volatile.Read(ref child) is > 0 and var pid) _ = Kill(pid, Number(context.Signal));
        })).ToList();
        try
        {
            while (true)
            {
                if (await PrepareAsync(arguments, again, stop.Token) is not { } silo) return code;
                await using (silo)
                {
                    // The child ends when this end of its standard input does: nothing runs on unsupervised.
                    var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true };
                    foreach (var argument in arguments) start.ArgumentList.Add(argument);
                    start.Environment[SupervisedSilo.Variable] = "1";
                    using var process = Process.Start(start)!;
                    Volatile.Write(ref child, process.Id);
                    var began = Stopwatch.GetTimestamp();
                    if (stop.IsCancellationRequested) _ = Kill(process.Id, Number(PosixSignal.SIGTERM));
                    await process.WaitForExitAsync(CancellationToken.None);
                    Volatile.Write(ref child, 0);
                    (code, again) = (process.ExitCode, true);
                    if (code != 0) await silo.EndAsync(cancellationToken);
                    if (code is 0 or SiloHealth.WentBackExitCode) return code;
                    if (!restart && code != DeclaredDead.ExitCode) return code;
                    if (Stopwatch.GetElapsedTime(began) < Hasty)
                        await Task.Delay(Pause, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    if (stop.IsCancellationRequested) return code;
                }
            }
        }
        finally
        {
            signals.ForEach(static s => s.Dispose());
        }
    }

    /// <summary>Connects to the database, as <see cref="SupervisedSilo.PrepareAsync"/> does.</summary>
    /// <param name="arguments">Those of the child.</param>
    /// <param name="again">It is started again: then a database that is away is waited for, however long.</param>
    /// <param name="stop">Ends the wait.</param>
    /// <returns>Null when it was told to stop meanwhile.</returns>
    private static async Task<SupervisedSilo?> PrepareAsync(string[] arguments, bool again, CancellationToken stop)
    {
        while (true)
        {
            try
            {
                return await SupervisedSilo.PrepareAsync(arguments, stop);
            }
            catch (SqlUnavailableException e) when (again)
            {
                await Console.Error.WriteLineAsync($"vault: the silo starts when the database answers: {e.Message}");
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return null;
            }
        }
    }

    private static int Number(PosixSignal signal) => signal switch
    {
        PosixSignal.SIGTERM => 15,
        PosixSignal.SIGINT => 2,
        PosixSignal.SIGQUIT => 3,
        _ => 1,
    };

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
