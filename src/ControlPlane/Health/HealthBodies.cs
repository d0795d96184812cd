namespace Vault.ControlPlane.Health;

/// <summary>Answer to <c>GET /healthz</c>: the process runs.</summary>
public sealed record HealthAnswer(bool Ok, string Service, long StartedAtMs);

/// <summary>Answer to <c>GET /readyz</c>: it can serve, or why not.</summary>
public sealed record ReadyAnswer(
    bool Ok, string StateBackend, bool ProductionReady, IReadOnlyList<string> ReadinessWarnings,
    IReadOnlyList<string> Problems);

/// <summary>Answer to <c>GET /</c> for programs: paths on this port, and where S3 is.</summary>
/// <param name="Ok">True.</param>
/// <param name="Service">What this is.</param>
/// <param name="S3">The S3 endpoint of this process, or null.</param>
/// <param name="Healthz">The process runs.</param>
/// <param name="Readyz">It serves.</param>
/// <param name="Metrics">Prometheus text.</param>
/// <param name="Api">What the operator API's paths begin with, or null where this process has none.</param>
/// <param name="Openapi">That API's document.</param>
public sealed record FrontAnswer(
    bool Ok, string Service, string? S3, string Healthz, string Readyz, string Metrics, string? Api, string? Openapi);
