namespace Vault.ControlPlane.Health;

/// <summary>Answer to <c>GET /healthz</c>: the process runs.</summary>
public sealed record HealthAnswer(bool Ok, string Service, long StartedAtMs);

/// <summary>Answer to <c>GET /readyz</c>: it can serve.</summary>
public sealed record ReadyAnswer(
    bool Ok, string StateBackend, bool ProductionReady, IReadOnlyList<string> ReadinessWarnings);
