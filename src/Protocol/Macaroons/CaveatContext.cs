using System.Net;

namespace Vault.Protocol.Macaroons;

/// <summary>How a request carries its credentials.</summary>
[Flags]
public enum CredentialMethod
{
    /// <summary>Unknown; no method caveat holds.</summary>
    None = 0,

    /// <summary>SigV4 in the Authorization header.</summary>
    Header = 1,

    /// <summary>SigV4 in the query, or a signed form.</summary>
    Presigned = 2,

    /// <summary><c>Authorization: Bearer</c>.</summary>
    Bearer = 4,
}

/// <summary>
/// What caveats are evaluated against: one request and its target. Made on the stack for each request.
/// </summary>
public readonly ref struct CaveatContext
{
    /// <summary>Exactly one operation.</summary>
    public required CapabilityOperations Operation { get; init; }

    /// <summary>The server's time.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>How the credentials came.</summary>
    public required CredentialMethod Method { get; init; }

    /// <summary>Project of the target, or null when the request has none.</summary>
    public string? ProjectId { get; init; }

    /// <summary>Tenant of the target, or null when the request has none.</summary>
    public string? TenantId { get; init; }

    /// <summary>Name of the bucket; empty when the request names none.</summary>
    public ReadOnlySpan<char> Bucket { get; init; }

    /// <summary>Object key in UTF-8, or the requested prefix of a listing (which may be empty).</summary>
    public ReadOnlySpan<byte> Key { get; init; }

    /// <summary>The client's address after the trusted-proxy rule, or null when unknown.</summary>
    public IPAddress? PeerAddress { get; init; }

    /// <summary>
    /// Declared or actual size of what is written, or null while it is unknown: then hold the body to
    /// <see cref="VerifiedCapability.MaxSize"/> while reading it.
    /// </summary>
    public long? Size { get; init; }

    /// <summary>Seconds until what is written expires, or null when it does not.</summary>
    public long? ObjectTtlSeconds { get; init; }

    /// <summary>Content type of what is written, or null.</summary>
    public string? ContentType { get; init; }

    /// <summary>
    /// True for calls on an upload that was begun (parts, completion, abort): type and expiry were checked then.
    /// </summary>
    public bool ContinuesUpload { get; init; }

    internal bool WritesObject =>
        Operation == CapabilityOperations.Put || (Operation == CapabilityOperations.Multipart && !ContinuesUpload);
}

/// <summary>Why a capability does not allow a request.</summary>
public enum CaveatDenial
{
    /// <summary>Every caveat holds.</summary>
    None,

    /// <summary>Another project, or no project caveat on a token for data.</summary>
    Project,

    /// <summary>Another tenant.</summary>
    Tenant,

    /// <summary>The operation is not in the set.</summary>
    Operation,

    /// <summary>Before <c>not-before</c>.</summary>
    NotYetValid,

    /// <summary>After <c>not-after</c>.</summary>
    Expired,

    /// <summary>The client's address is outside.</summary>
    Address,

    /// <summary>The credentials came another way.</summary>
    Method,

    /// <summary>The bucket is not in the list.</summary>
    Bucket,

    /// <summary>The key or listing is outside the prefixes.</summary>
    Prefix,

    /// <summary>Too many bytes.</summary>
    Size,

    /// <summary>No expiry, or one too far away.</summary>
    ObjectTtl,

    /// <summary>The content type is not in the list.</summary>
    ContentType,
}
