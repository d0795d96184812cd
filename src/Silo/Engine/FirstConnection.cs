using Vault.Silo.Serve;

namespace Vault.Silo.Engine;

/// <summary>
/// A front end that can connect to no silo when it starts opens no port, tries again until it can, and says so.
/// </summary>
internal sealed partial class FirstConnection(ServeOptions options, TimeProvider time, ILogger<FirstConnection> logger)
    : IClientConnectionRetryFilter
{
    private static readonly TimeSpan SayAgain = TimeSpan.FromSeconds(10);

    private long? _saidAt;

    public async Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
    {
        if (_saidAt is not { } last || time.GetElapsedTime(last) >= SayAgain)
        {
            _saidAt = time.GetTimestamp();
            LogAlone(options.Silos!, exception.GetBaseException().Message);
        }

        await Task.Delay(EngineWiring.RetryStart, time, cancellationToken);
        return true;
    }

    [LoggerMessage(EventId = 2906, Level = LogLevel.Warning,
        Message = "No silo of {Silos} (VAULT_SILOS) can be connected to, and nothing is served until one can: {Reason}")]
    private partial void LogAlone(string silos, string reason);
}
