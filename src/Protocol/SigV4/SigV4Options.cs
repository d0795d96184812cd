namespace Vault.Protocol.SigV4;

/// <summary>What a server accepts in a scope; immutable, made once.</summary>
public sealed record SigV4Options
{
    /// <summary>The only service accepted in scopes: <c>s3</c>, or <c>vault</c> for the control plane.</summary>
    public string Service { get; init; } = "s3";

    /// <summary>When set, the only region accepted; null accepts any.</summary>
    public string? StrictRegion { get; init; }

    /// <summary>Largest allowed difference between the request's time and ours.</summary>
    public TimeSpan MaxSkew { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Longest life of a presigned URL, in seconds (one week).</summary>
    public int MaxExpiresSeconds { get; init; } = 604_800;
}
