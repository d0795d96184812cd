using Vault.Protocol.Ids;

namespace Vault.Grains.Abstractions.Wire;

/// <summary>How the 16-byte ids of Protocol travel in messages: two big-endian halves.</summary>
[GenerateSerializer, Immutable, Alias("vault.id16")]
public struct Id16Surrogate
{
    /// <summary>First eight bytes, big-endian.</summary>
    [Id(0)] public ulong High { get; set; }

    /// <summary>Last eight bytes, big-endian.</summary>
    [Id(1)] public ulong Low { get; set; }
}

/// <summary>Carries <see cref="BucketId"/>.</summary>
[RegisterConverter]
public sealed class BucketIdConverter : IConverter<BucketId, Id16Surrogate>
{
    /// <inheritdoc/>
    public BucketId ConvertFromSurrogate(in Id16Surrogate surrogate) => new(new UInt128(surrogate.High, surrogate.Low));

    /// <inheritdoc/>
    public Id16Surrogate ConvertToSurrogate(in BucketId value) =>
        new() { High = (ulong)(value.Value >> 64), Low = (ulong)value.Value };
}

/// <summary>Carries <see cref="ObjectId"/>.</summary>
[RegisterConverter]
public sealed class ObjectIdConverter : IConverter<ObjectId, Id16Surrogate>
{
    /// <inheritdoc/>
    public ObjectId ConvertFromSurrogate(in Id16Surrogate surrogate) => new(new UInt128(surrogate.High, surrogate.Low));

    /// <inheritdoc/>
    public Id16Surrogate ConvertToSurrogate(in ObjectId value) =>
        new() { High = (ulong)(value.Value >> 64), Low = (ulong)value.Value };
}

/// <summary>Carries <see cref="UploadId"/>.</summary>
[RegisterConverter]
public sealed class UploadIdConverter : IConverter<UploadId, Id16Surrogate>
{
    /// <inheritdoc/>
    public UploadId ConvertFromSurrogate(in Id16Surrogate surrogate) => new(new UInt128(surrogate.High, surrogate.Low));

    /// <inheritdoc/>
    public Id16Surrogate ConvertToSurrogate(in UploadId value) =>
        new() { High = (ulong)(value.Value >> 64), Low = (ulong)value.Value };
}

/// <summary>Carries <see cref="VersionId"/>.</summary>
[RegisterConverter]
public sealed class VersionIdConverter : IConverter<VersionId, Id16Surrogate>
{
    /// <inheritdoc/>
    public VersionId ConvertFromSurrogate(in Id16Surrogate surrogate) =>
        new(new UInt128(surrogate.High, surrogate.Low));

    /// <inheritdoc/>
    public Id16Surrogate ConvertToSurrogate(in VersionId value) =>
        new() { High = (ulong)(value.Value >> 64), Low = (ulong)value.Value };
}

/// <summary>How ids that are texts travel in messages.</summary>
[GenerateSerializer, Immutable, Alias("vault.text-id")]
public struct TextIdSurrogate
{
    /// <summary>The whole text; empty for the default value.</summary>
    [Id(0)] public string Text { get; set; }
}

/// <summary>Carries <see cref="ProjectId"/>.</summary>
[RegisterConverter]
public sealed class ProjectIdConverter : IConverter<ProjectId, TextIdSurrogate>
{
    /// <inheritdoc/>
    /// <exception cref="FormatException">The text names no project.</exception>
    public ProjectId ConvertFromSurrogate(in TextIdSurrogate surrogate) => surrogate.Text switch
    {
        "" => default,
        var text when ProjectId.TryParse(text, out var id) => id,
        _ => throw new FormatException("Not a project id."),
    };

    /// <inheritdoc/>
    public TextIdSurrogate ConvertToSurrogate(in ProjectId value) => new() { Text = value.Value };
}

/// <summary>Carries <see cref="TenantId"/>.</summary>
[RegisterConverter]
public sealed class TenantIdConverter : IConverter<TenantId, TextIdSurrogate>
{
    /// <inheritdoc/>
    /// <exception cref="FormatException">The text names no tenant.</exception>
    public TenantId ConvertFromSurrogate(in TextIdSurrogate surrogate) => surrogate.Text switch
    {
        "" => default,
        var text when TenantId.TryParse(text, out var id) => id,
        _ => throw new FormatException("Not a tenant id."),
    };

    /// <inheritdoc/>
    public TextIdSurrogate ConvertToSurrogate(in TenantId value) => new() { Text = value.Value };
}
