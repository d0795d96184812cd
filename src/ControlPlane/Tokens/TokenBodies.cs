namespace Vault.ControlPlane.Tokens;

/// <summary>Body of <c>POST /v1/tokens/macaroon</c>: each member that is set becomes a caveat.</summary>
public sealed record MintRequest(
    string? ProjectId, long? TtlSeconds, string? Bucket, IReadOnlyList<string>? Buckets, string? Prefix,
    IReadOnlyList<string>? Ops, string? IpCidr, long? MaxSize, string? Label, DateTimeOffset? NotBefore);

/// <summary>A minted token; <c>identifier</c> names it in lists and revokes it, and opens nothing.</summary>
public sealed record MintAnswer(
    bool Ok, string Token, string Identifier, IReadOnlyList<string> Caveats, DateTimeOffset ExpiresAt);

/// <summary>Body of <c>POST /v1/tokens/verify</c>.</summary>
public sealed record VerifyRequest(string Token, IReadOnlyList<string>? Discharges, VerifyContext? Context);

/// <summary>What the token is to be used for.</summary>
public sealed record VerifyContext(string? Op, string? Bucket, string? Key, long? Size, string? Ip, long? AtMs);

/// <summary>A token that holds.</summary>
public sealed record VerifyAnswer(
    bool Ok, string? ProjectId, string? TenantId, IReadOnlyList<string> Caveats, long? ExpiresAtMs, bool Revoked);

/// <summary>A token in a list; the token itself is stored nowhere.</summary>
public sealed record TokenSummaryBody(
    string Identifier, string Label, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? RevokedAt);

/// <summary>An answer with tokens.</summary>
public sealed record TokensAnswer(bool Ok, IReadOnlyList<TokenSummaryBody> Tokens, string? NextCursor);

/// <summary>Body of <c>POST /v1/tokens/revoke</c>: exactly one of <c>token</c>, <c>identifier</c> (of a list, 64 hex,
/// or a macaroon's own, 42 hex) and <c>tail</c> (SHA-256 of a chain signature, 64 hex).</summary>
public sealed record RevokeTokenRequest(string? ProjectId, string? Token, string? Identifier, string? Tail);
