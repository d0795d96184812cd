using Vault.Silo.Serve;

namespace Vault.Silo.Cluster;

/// <summary>Ends a cluster and removes all that belongs to it.</summary>
internal static class ClusterDown
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    public static async Task RunAsync(ClusterDirectory directory, CancellationToken cancellationToken)
    {
        var state = directory.Read();
        await StopAsync(
            state, p => p.Kind is ProcessKind.S3 or ProcessKind.Control, Signal.Terminate, cancellationToken);
        await StopAsync(state, p => p.Kind is ProcessKind.Silo or ProcessKind.Alike, Signal.Terminate, cancellationToken);
        await StopAsync(state, p => !p.IsVault, Signal.Interrupt, cancellationToken);
        await ClusterNetwork.RemoveAsync(state, cancellationToken);
        try
        {
            Remove(state.DatabaseDirectory);
            directory.RemoveFiles(); // what `down` reads last, so that it can be repeated
            Remove(directory.Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SetupException(
                $"all processes have ended, but a file stays: {e.Message.TrimEnd('.')}. Unmount or free it, then "
                + $"`vault cluster down --dir {directory.Path}` again");
        }
    }

    /// <summary>Also when another `down` removes it at the same time.</summary>
    public static void Remove(string path)
    {
        for (var tries = 0; Directory.Exists(path); tries++)
        {
            try
            {
                Directory.Delete(path, recursive: true);
            }
            catch (DirectoryNotFoundException) when (tries < 100)
            {
                // What was listed is gone: look again.
            }
        }
    }

    private static async Task StopAsync(
        ClusterState state, Predicate<ClusterProcess> which, Signal signal, CancellationToken cancellationToken)
    {
        var processes = state.Processes.FindAll(p => which(p) && Daemon.IsAlive(p));
        foreach (var process in processes)
        {
            if (Daemon.Worker(process) is { } worker) Daemon.Send(worker, Signal.Continue); // it may be paused
            Daemon.Send(process, signal);
        }

        foreach (var process in processes)
        {
            if (await Daemon.EndedAsync(process, Patience, cancellationToken)) continue;
            await ClusterFaults.KillAsync(process, workerOnly: false, cancellationToken);
        }
    }
}
