using System.Runtime.InteropServices;

namespace Vault.Silo.Serve;

/// <summary>
/// Signals that end the process. The first begins to drain, and stops the host when load balancers have had
/// <see cref="ServeOptions.UnreadyTime"/> to notice; another one stops it at once.
/// </summary>
internal sealed class DrainLifetime(
    IHostApplicationLifetime application, ServeOptions options, Draining draining, TimeProvider time)
    : IHostLifetime, IDisposable
{
    private readonly List<PosixSignalRegistration> _signals = [];

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        foreach (var signal in new[] { PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGQUIT })
        {
            _signals.Add(PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                Stop();
            }));
        }

        if (Environment.GetEnvironmentVariable(SupervisedSilo.Variable) is { Length: > 0 })
            new Thread(StopWithSupervisor) { IsBackground = true, Name = "vault supervisor" }.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _signals.ForEach(static s => s.Dispose());

    /// <summary>The supervisor holds the other end of the standard input, and writes nothing.</summary>
    private void StopWithSupervisor()
    {
        using var input = Console.OpenStandardInput();
        Span<byte> nothing = stackalloc byte[64];
        while (input.Read(nothing) > 0)
        {
            // Not from the supervisor.
        }

        Stop();
    }

    private void Stop()
    {
        if (draining.HasBegun || options.UnreadyTime == TimeSpan.Zero
            || !application.ApplicationStarted.IsCancellationRequested)
        {
            draining.Begin();
            application.StopApplication();
            return;
        }

        draining.Begin();
        _ = StopLaterAsync();
    }

    private async Task StopLaterAsync()
    {
        await Task.Delay(options.UnreadyTime, time);
        application.StopApplication();
    }
}
