namespace Vault.Load.Ratios;

/// <summary>One figure against its limit.</summary>
internal sealed record Ratio
{
    /// <summary>What was measured.</summary>
    public required string Name { get; init; }

    /// <summary>What the server does, in operations or bytes a second.</summary>
    public required double Measured { get; init; }

    /// <summary>What the machine allows, in the same unit.</summary>
    public required double Limit { get; init; }

    /// <summary>The least share of the limit; null when none is asked for.</summary>
    public double? Wanted { get; init; }

    /// <summary>Measured by limit.</summary>
    public double Share => Math.Round(Measured / Limit, 4);

    /// <summary>False when less than the wanted share was reached.</summary>
    public bool IsReached => Wanted is null || Share >= Wanted;
}
