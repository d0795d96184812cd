using System.Text.Json.Serialization;

namespace Vault.ControlPlane.Accounts;

/// <summary>Body of <c>POST /v1/tenants</c>.</summary>
public sealed record TenantRequest(string Name, string OwnerEmail, TenantLimitsBody? Limits);

/// <summary>Body of <c>PATCH /v1/tenants/{id}</c>.</summary>
public sealed record TenantPatch(string? Status, TenantLimitsBody? Limits);

/// <summary>A tenant's limits; 0 means none.</summary>
public sealed record TenantLimitsBody(int? Projects, long? StorageBytes, long? EgressBytesMonth);

/// <summary>A tenant.</summary>
public sealed record TenantBody(
    string TenantId, string Name, string OwnerEmail, TenantLimitsBody Limits, string Status, DateTimeOffset CreatedAt);

/// <summary>An answer with a tenant.</summary>
public sealed record TenantAnswer(bool Ok, TenantBody Tenant);

/// <summary>An answer with tenants.</summary>
public sealed record TenantsAnswer(bool Ok, IReadOnlyList<TenantBody> Tenants, string? NextCursor);

/// <summary>Body of <c>POST /v1/projects</c>.</summary>
public sealed record ProjectRequest(
    string TenantId, string Name, string BillingEmail, string? Tier, QuotaBody? Quota, string? Encryption);

/// <summary>Body of <c>PATCH /v1/projects/{id}</c>.</summary>
public sealed record ProjectPatch(string? Name, string? BillingEmail, string? Status, QuotaBody? Quota);

/// <summary>A project's limits; 0 means none.</summary>
public sealed record QuotaBody(long? StorageBytes, long? EgressBytesMonth, int? Buckets, int? Rps);

/// <summary>A project; canonical and account id are what S3 answers as its owner.</summary>
public sealed record ProjectBody(
    string ProjectId, string TenantId, string Name, string BillingEmail, string Status, QuotaBody Quota,
    string Encryption, string CanonicalId, string AccountId, DateTimeOffset CreatedAt);

/// <summary>An S3 key pair; given once.</summary>
public sealed record CredentialBody(string AccessKeyId, string SecretAccessKey)
{
    /// <summary>Names the credential in lists; nothing secret.</summary>
    [JsonPropertyName("lookup")]
    public string? Lookup { get; init; }
}

/// <summary>Answer to <c>POST /v1/projects</c>: everything secret in it is given this once.</summary>
public sealed record ProjectCreated(
    bool Ok, ProjectBody Project, string Token, CredentialBody Credential, string RecoveryKey);

/// <summary>An answer with a project.</summary>
public sealed record ProjectAnswer(bool Ok, ProjectBody Project);

/// <summary>An answer with projects.</summary>
public sealed record ProjectsAnswer(bool Ok, IReadOnlyList<ProjectBody> Projects, string? NextCursor);

/// <summary>Something that happened to a project.</summary>
public sealed record EventBody(DateTimeOffset At, string Kind, string Subject);

/// <summary>An answer with events, newest first.</summary>
public sealed record EventsAnswer(bool Ok, IReadOnlyList<EventBody> Events);

/// <summary>An answer without content.</summary>
public sealed record DoneAnswer(bool Ok);
