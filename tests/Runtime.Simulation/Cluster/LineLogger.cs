using Microsoft.Extensions.Logging;
using Vault.Runtime.Simulation.Scheduling;

namespace Vault.Runtime.Simulation.Cluster;

/// <summary>Writes what a process logs among what else happens.</summary>
internal sealed class LineLogger(SimulatedProcess process, Action<string> log) : ILoggerProvider, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public void Dispose()
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter) =>
        log($"{process.Clock.GetUtcNow():mm:ss.ffff} {process.Name} {logLevel}: {formatter(state, exception)} "
            + exception?.Message);
}
