using Vault.Silo.Serve;

namespace Vault.Silo.Cluster;

/// <summary>What may befall a process, by hand.</summary>
internal static class ClusterFaults
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <exception cref="SetupException">There is none of that name.</exception>
    public static ClusterProcess Find(ClusterState state, string name) => state.Processes.Find(p => p.Name == name)
        ?? throw new SetupException(
            $"there is no process '{name}': there are {string.Join(", ", state.Processes.Select(p => p.Name))}");

    /// <summary>SIGKILL. PostgreSQL's children end with it only by its own way to crash at once, SIGQUIT.</summary>
    /// <param name="process">The process.</param>
    /// <param name="workerOnly">Leaves its supervisor, which then tells the others.</param>
    /// <param name="cancellationToken">Waits no longer for what was killed to be gone.</param>
    public static async Task KillAsync(ClusterProcess process, bool workerOnly, CancellationToken cancellationToken)
    {
        var worker = Daemon.Worker(process);
        if (process.Kind == ProcessKind.Postgres)
        {
            Daemon.Send(process, Signal.Quit);
            Daemon.Send(process, Signal.Continue); // it may be paused
            await Daemon.EndedAsync(process, Patience, cancellationToken);
            return;
        }

        if (!workerOnly) Daemon.Send(process, Signal.Kill);
        if (worker is { } pid)
        {
            Daemon.Send(pid, Signal.Kill);
            await Daemon.EndedAsync(pid, Patience, cancellationToken);
        }

        await Daemon.EndedAsync(process, Patience, cancellationToken);
    }

    /// <summary>SIGTERM, and waits for the end; one that is paused goes on for it.</summary>
    public static async Task StopAsync(ClusterProcess process, CancellationToken cancellationToken)
    {
        if (Daemon.Worker(process) is { } worker) Daemon.Send(worker, Signal.Continue);
        Daemon.Send(process, process.Kind == ProcessKind.Postgres ? Signal.Interrupt : Signal.Terminate);
        if (!await Daemon.EndedAsync(process, Patience, cancellationToken))
            throw new SetupException($"{process.Name} has not stopped within {Patience.TotalSeconds} s");
    }

    /// <summary>Starts one that has ended.</summary>
    /// <exception cref="SetupException">It runs.</exception>
    public static void Start(ClusterProcess process, ClusterDirectory directory)
    {
        if (Daemon.IsAlive(process)) throw new SetupException($"{process.Name} runs already");
        Daemon.Start(process, directory.LogOf(process.Name));
    }

    /// <summary>SIGSTOP or SIGCONT.</summary>
    public static void Pause(ClusterProcess process, bool pause)
    {
        if (Daemon.Worker(process) is not { } worker) throw new SetupException($"{process.Name} does not run");
        Daemon.Send(worker, pause ? Signal.Stop : Signal.Continue);
    }

    /// <summary>Cuts a process off: from all others, or from those named.</summary>
    public static async Task CutAsync(
        ClusterState state, ClusterProcess process, IReadOnlyList<string> others, CancellationToken cancellationToken)
    {
        if (process.Namespace is null)
        {
            throw new SetupException(state.Bridge is null
                ? "only a cluster of `vault cluster up --namespaces` can be partitioned"
                : $"{process.Name} has no namespace: cut others off from it");
        }

        if (others.Contains(process.Name)) throw new SetupException($"{process.Name} can't be cut off from itself");
        if (others.Count == 0) await ClusterNetwork.CutAsync(process, cancellationToken);
        foreach (var other in others)
            await ClusterNetwork.CutAsync(process, Find(state, other), cancellationToken);
    }
}
