using System.ComponentModel.DataAnnotations;

namespace Vault.ControlPlane;

/// <summary>The operator API; configuration section <c>ControlPlane</c>.</summary>
public sealed class ControlPlaneOptions
{
    /// <summary>
    /// Shared secret of internal calls (<c>x-internal-token</c>), at least 32 characters; null refuses them all.
    /// INTERNAL_API_TOKEN does the same.
    /// </summary>
    [MinLength(32)]
    public string? InternalToken { get; set; }

    /// <summary>Calls from one address in a minute that fail to prove themselves before the rest are answered 429;
    /// 0 means no limit.</summary>
    [Range(0, 1_000_000)]
    public int FailedAuthenticationsPerMinute { get; set; } = 600;

    /// <summary>Calls without any credentials from one address in a minute, health and metrics among them;
    /// 0 means no limit.</summary>
    [Range(0, 1_000_000)]
    public int AnonymousCallsPerMinute { get; set; }

    /// <summary>Calls of one project in a second; 0 means no limit.</summary>
    [Range(0, 1_000_000)]
    public int ProjectCallsPerSecond { get; set; }

    /// <summary>Refuse to start while <c>/readyz</c> has a warning. REQUIRE_PRODUCTION_READY does the same.</summary>
    public bool RequireProductionReady { get; set; }
}
