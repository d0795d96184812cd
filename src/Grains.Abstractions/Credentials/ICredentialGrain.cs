using System.Collections.Immutable;
using Vault.Grains.Abstractions.Accounts;
using Vault.Protocol.Ids;

namespace Vault.Grains.Abstractions.Credentials;

/// <summary>One registered credential (sealed). Key: lookup, 64 hex.</summary>
[Alias("vault.credential"), GrainInterfaceType("vault.credential")]
public interface ICredentialGrain : IGrainWithStringKey
{
    /// <summary>
    /// The sealed record with what the front end needs beside it; null when unknown. Callers may keep it 60 seconds. A
    /// read: repeat at will.
    /// </summary>
    [Alias("resolve")]
    [Repeatable]
    Task<CredentialView?> ResolveAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Revokes it. False: unknown. Safe to repeat: the first time and reason stay; the project's events show each call.
    /// </summary>
    [Alias("revoke")]
    [Repeatable]
    Task<bool> RevokeAsync(string reason, CancellationToken cancellationToken);
}

/// <summary>A credential to be registered; decisions §5.4.</summary>
[GenerateSerializer, Immutable, Alias("vault.new-credential")]
public sealed record NewCredential
{
    /// <summary>SHA-256 of the access key's raw bytes.</summary>
    [Id(0)] public required ReadOnlyMemory<byte> Lookup { get; init; }

    /// <summary>Macaroon, secret and X25519 private key, sealed twice (the recovery record once).</summary>
    [Id(1)] public required ReadOnlyMemory<byte> Record { get; init; }

    /// <summary>The macaroon's identifier.</summary>
    [Id(2)] public required ReadOnlyMemory<byte> MacaroonId { get; init; }

    /// <summary>Free text for people.</summary>
    [Id(3)] public required string Label { get; init; }

    /// <summary>True for the recovery record: no outer wrap, may only mint.</summary>
    [Id(4)] public bool Recovery { get; init; }

    /// <summary>True: the id alone may fetch through share links.</summary>
    [Id(5)] public bool Public { get; init; }

    /// <summary>Earliest not-after of the macaroon, Unix milliseconds; null = never.</summary>
    [Id(6)] public long? ExpiresMs { get; init; }

    /// <summary>Project keys sealed to the credential; empty for a credential limited to buckets.</summary>
    [Id(7)] public required ImmutableArray<KeyBox> ProjectKeys { get; init; }

    /// <summary>Bucket keys sealed to the credential, for one limited to buckets.</summary>
    [Id(8)] public ImmutableArray<BucketKeyBox> BucketKeys { get; init; } = [];

    /// <summary>Its X25519 public key, to which later keys are sealed; empty: none ever will be.</summary>
    [Id(9)] public ReadOnlyMemory<byte> PublicKey { get; init; }
}

/// <summary>A project key sealed to one credential.</summary>
[GenerateSerializer, Immutable, Alias("vault.key-box")]
public sealed record KeyBox
{
    /// <summary>Number of the project key.</summary>
    [Id(0)] public required int KeyNo { get; init; }

    /// <summary>The sealed box.</summary>
    [Id(1)] public required ReadOnlyMemory<byte> Box { get; init; }
}

/// <summary>A bucket key sealed to one credential.</summary>
[GenerateSerializer, Immutable, Alias("vault.bucket-key-box")]
public sealed record BucketKeyBox
{
    /// <summary>The bucket.</summary>
    [Id(0)] public required BucketId BucketId { get; init; }

    /// <summary>Number of the bucket key.</summary>
    [Id(1)] public required int KeyNo { get; init; }

    /// <summary>The sealed box.</summary>
    [Id(2)] public required ReadOnlyMemory<byte> Box { get; init; }
}

/// <summary>A credential as stored, for the front end that got the request.</summary>
[GenerateSerializer, Immutable, Alias("vault.credential-view")]
public sealed record CredentialView
{
    /// <summary>The sealed record.</summary>
    [Id(0)] public required ReadOnlyMemory<byte> Record { get; init; }

    /// <summary>True for the recovery record.</summary>
    [Id(1)] public required bool Recovery { get; init; }

    /// <summary>The project as of this read.</summary>
    [Id(2)] public required ProjectView Project { get; init; }

    /// <summary>The tenant's state.</summary>
    [Id(3)] public required AccountState TenantState { get; init; }

    /// <summary>Null = never.</summary>
    [Id(4)] public long? ExpiresMs { get; init; }

    /// <summary>When it was revoked; null = valid.</summary>
    [Id(5)] public long? RevokedMs { get; init; }

    /// <summary>Project keys sealed to it.</summary>
    [Id(6)] public required ImmutableArray<KeyBox> ProjectKeys { get; init; }

    /// <summary>Bucket keys sealed to it.</summary>
    [Id(7)] public required ImmutableArray<BucketKeyBox> BucketKeys { get; init; }

    /// <summary>True: the id alone may fetch through share links.</summary>
    [Id(8)] public bool Public { get; init; }
}

/// <summary>A credential in a list; nothing secret.</summary>
[GenerateSerializer, Immutable, Alias("vault.credential-summary")]
public sealed record CredentialSummary
{
    /// <summary>SHA-256 of the access key's raw bytes.</summary>
    [Id(0)] public required ReadOnlyMemory<byte> Lookup { get; init; }

    /// <summary>Free text for people.</summary>
    [Id(1)] public required string Label { get; init; }

    /// <summary>True for the recovery record.</summary>
    [Id(2)] public required bool Recovery { get; init; }

    /// <summary>Creation time, Unix milliseconds.</summary>
    [Id(3)] public required long CreatedMs { get; init; }

    /// <summary>Null = never.</summary>
    [Id(4)] public long? ExpiresMs { get; init; }

    /// <summary>When it was revoked; null = valid.</summary>
    [Id(5)] public long? RevokedMs { get; init; }

    /// <summary>The macaroon's identifier.</summary>
    [Id(6)] public required ReadOnlyMemory<byte> MacaroonId { get; init; }
}
