using System.Diagnostics.Metrics;

namespace Vault.Silo.Engine;

/// <summary>
/// How long this process's certificate still lives, meter <c>Vault.Engine</c>: when it has ended, no new connection
/// comes to be.
/// </summary>
internal sealed partial class CertificateInstruments : IHostedService
{
    /// <summary>Less is worth a warning.</summary>
    public static readonly TimeSpan Comfortable = TimeSpan.FromDays(30);

    private readonly ProcessCertificate _certificate;
    private readonly TimeProvider _time;
    private readonly ILogger<CertificateInstruments> _logger;

    public CertificateInstruments(
        ProcessCertificate certificate, IMeterFactory meters, TimeProvider time, ILogger<CertificateInstruments> logger)
    {
        (_certificate, _time, _logger) = (certificate, time, logger);
        meters.Create("Vault.Engine").CreateObservableGauge(
            "vault.engine.certificate.left", () => Left.TotalSeconds, "s",
            "Until the certificate ends that this process shows to others of the cluster");
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (Left < Comfortable) LogEndsSoon(_certificate.EndsAt);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private TimeSpan Left => _certificate.EndsAt - _time.GetUtcNow();

    [LoggerMessage(EventId = 2905, Level = LogLevel.Warning,
        Message = "This process's certificate ends on {End:u}; `vault cluster keys --tls` makes another "
            + "(docs/runbooks/install.md)")]
    private partial void LogEndsSoon(DateTimeOffset end);
}
