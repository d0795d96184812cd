using System.Collections.Immutable;

namespace Vault.Grains.Abstractions.Credentials;

/// <summary>What has changed about credentials, in the order of its commits. Key: 0.</summary>
[Alias("vault.credential-feed"), GrainInterfaceType("vault.credential-feed")]
public interface ICredentialFeedGrain : IGrainWithIntegerKey
{
    /// <summary>The changes after a number, oldest first, as far as a page reaches. A read: repeat at will.</summary>
    /// <param name="after">The number that was read last; less than 0 to learn only where the feed stands.</param>
    /// <param name="cancellationToken">Gives up.</param>
    [Alias("read")]
    [Repeatable]
    Task<CredentialFeedPage> ReadAsync(long after, CancellationToken cancellationToken);
}

/// <summary>A piece of the feed.</summary>
[GenerateSerializer, Immutable, Alias("vault.credential-feed-page")]
public sealed record CredentialFeedPage
{
    /// <summary>Where to go on reading.</summary>
    [Id(0)] public required long Number { get; init; }

    /// <summary>
    /// True when changes are missing from it, because they are older than the feed or the feed is older than the
    /// reader: whatever was read before may be out of date.
    /// </summary>
    [Id(1)] public bool Gap { get; init; }

    /// <summary>True when there is more to read at once.</summary>
    [Id(2)] public bool More { get; init; }

    /// <summary>The changes.</summary>
    [Id(3)] public required ImmutableArray<CredentialChange> Changes { get; init; }
}

/// <summary>Something of which earlier reads are void.</summary>
[GenerateSerializer, Immutable, Alias("vault.credential-change")]
public sealed record CredentialChange
{
    /// <summary>Whose credentials.</summary>
    [Id(0)] public required CredentialScope Scope { get; init; }

    /// <summary>The credential's lookup (64 hex), the project's id or the tenant's.</summary>
    [Id(1)] public required string Subject { get; init; }

    /// <summary>Milliseconds since, by the database's clock.</summary>
    [Id(2)] public required long AgeMs { get; init; }
}

/// <summary>Whose credentials a change touches.</summary>
[GenerateSerializer, Alias("vault.credential-scope")]
public enum CredentialScope
{
    /// <summary>One credential.</summary>
    Credential = 0,

    /// <summary>Every credential of a project.</summary>
    Project = 1,

    /// <summary>Every credential of a tenant's projects.</summary>
    Tenant = 2,
}
