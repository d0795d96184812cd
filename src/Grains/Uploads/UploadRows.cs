using Vault.Protocol.Ids;

namespace Vault.Grains.Uploads;

/// <summary>Life of an upload; the numbers are stored.</summary>
internal enum UploadState
{
    /// <summary>Takes parts.</summary>
    Open = 0,

    /// <summary>Became an object; the answer is kept for a repeated Complete.</summary>
    Completed = 1,

    /// <summary>Given up; its parts are dead.</summary>
    Aborted = 2,
}

/// <summary>One upload of one key.</summary>
internal readonly record struct UploadKey(BucketId BucketId, ReadOnlyMemory<byte> Key, UploadId UploadId);

/// <summary>An upload's row as far as deciding needs it.</summary>
internal sealed record UploadRow
{
    public required UploadState State { get; init; }

    public required long PartsVersion { get; init; }

    public required ReadOnlyMemory<byte> ResultBox { get; init; }

    public required int ResultKeyNo { get; init; }
}

/// <summary>A part's row as far as completing needs it.</summary>
internal readonly record struct PartRow(int Number, long Size, ObjectId ObjectId);

/// <summary>Rows of one upload's parts.</summary>
internal readonly record struct PartMask(UploadId UploadId, byte[] Mask);

/// <summary>What a Complete stores in the upload's row.</summary>
internal sealed record UploadCompletion
{
    public required UploadId UploadId { get; init; }

    public required long PartsVersion { get; init; }

    public required ReadOnlyMemory<byte> ResultBox { get; init; }

    public required int ResultKeyNo { get; init; }
}
