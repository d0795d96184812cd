using System.Diagnostics;

namespace Vault.Load.Running;

/// <summary>Time that passed and processor time that this program and the server used in it.</summary>
internal readonly record struct ProcessUse(TimeSpan Elapsed, TimeSpan Own, TimeSpan? Server, long? ServerPeakBytes);

/// <summary>Watches both processes from its making to <see cref="Stop"/>.</summary>
internal sealed class ProcessWatch : IDisposable
{
    private readonly Process own = Process.GetCurrentProcess();
    private readonly Process? server;
    private readonly TimeSpan ownBegan;
    private readonly TimeSpan serverBegan;
    private readonly long began;

    public ProcessWatch(int? serverProcess)
    {
        server = serverProcess is { } id ? Process.GetProcessById(id) : null;
        ownBegan = own.TotalProcessorTime;
        serverBegan = server?.TotalProcessorTime ?? default;
        began = Stopwatch.GetTimestamp();
    }

    public ProcessUse Stop()
    {
        var elapsed = Stopwatch.GetElapsedTime(began);
        own.Refresh();
        server?.Refresh();
        return new ProcessUse(
            elapsed,
            own.TotalProcessorTime - ownBegan,
            server?.TotalProcessorTime - serverBegan,
            server?.PeakWorkingSet64);
    }

    public void Dispose()
    {
        own.Dispose();
        server?.Dispose();
    }
}
