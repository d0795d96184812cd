using System.ComponentModel.DataAnnotations;

namespace Vault.ControlPlane;

/// <summary>The operator API; configuration section <c>ControlPlane</c>.</summary>
public sealed class ControlPlaneOptions
{
    /// <summary>Shared secret of internal calls (<c>x-internal-token</c>), at least 32 characters; null refuses them all. INTERNAL_API_TOKEN does the same.</summary>
    [MinLength(32)]
    public string? InternalToken { get; set; }

    /// <summary>Refuse to start while <c>/readyz</c> has a warning. REQUIRE_PRODUCTION_READY does the same.</summary>
    public bool RequireProductionReady { get; set; }
}
