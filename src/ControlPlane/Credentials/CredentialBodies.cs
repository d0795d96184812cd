using Vault.ControlPlane.Accounts;

namespace Vault.ControlPlane.Credentials;

/// <summary>
/// Body of <c>POST /v1/credentials</c>, signed with SigV4 (service <c>vault</c>) by a credential that may mint:
/// the new credential is the signer's, narrowed by what is set here.
/// </summary>
public sealed record CredentialRequest(
    string? Label, long? TtlSeconds, IReadOnlyList<string>? Buckets, string? Prefix, IReadOnlyList<string>? Ops,
    string? IpCidr, bool? Public);

/// <summary>Answer to <c>POST /v1/credentials</c>; the secret is given this once.</summary>
public sealed record CredentialCreated(bool Ok, string ProjectId, CredentialBody Credential, DateTimeOffset? ExpiresAt);

/// <summary>A credential in a list; nothing secret.</summary>
public sealed record CredentialSummaryBody(
    string Lookup, string Label, bool Recovery, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt,
    DateTimeOffset? RevokedAt, string TokenIdentifier);

/// <summary>An answer with credentials.</summary>
public sealed record CredentialsAnswer(bool Ok, IReadOnlyList<CredentialSummaryBody> Credentials, string? NextCursor);

/// <summary>Body of <c>POST /v1/credentials/revoke</c> and <c>resolve</c>.</summary>
public sealed record LookupRequest(string Lookup, string? Reason);

/// <summary>A sealed record: only the front end that holds the access key id can open it.</summary>
public sealed record ResolvedAnswer(
    bool Ok, string ProjectId, string Record, bool Public, long? ExpiresAtMs, bool Revoked);
