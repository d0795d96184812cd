using Vault.Protocol.Ids;

namespace Vault.Grains.Objects;

/// <summary>What deciding needs to know of a current version.</summary>
internal sealed class HeadRow
{
    public required long Sequence { get; init; }

    public required VersionId VersionId { get; init; }

    public required long Size { get; init; }

    public required long ModifiedMs { get; init; }

    /// <summary>Its row in object_body.</summary>
    public required long BodyId { get; init; }

    public required ObjectId? ObjectId { get; init; }
}
