using Vault.Grains.Abstractions.Objects;
using Vault.Protocol.Ids;

namespace Vault.Grains.Objects;

/// <summary>What a batch is decided under, beside its members' rows.</summary>
internal readonly struct BatchSituation
{
    /// <summary>Null: the bucket is gone.</summary>
    public required IndexBucket? Bucket { get; init; }

    /// <summary>The database's time.</summary>
    public required long NowMs { get; init; }

    /// <summary>Bytes that the project may still add.</summary>
    public required long RoomBytes { get; init; }

    /// <summary>References of shared manifests, as committed.</summary>
    public required Dictionary<ObjectId, long> References { get; init; }

    public required IndexSequences Sequences { get; init; }

    /// <summary>The first of as many body ids as there are members.</summary>
    public required long FirstBodyId { get; init; }
}

/// <summary>
/// Per-key sequences that never go back, also after a key was deleted: the activation's fence (which only grows), then
/// a count within the activation. A key belongs to one index grain for ever.
/// </summary>
internal sealed class IndexSequences(long fence)
{
    private uint _count;

    /// <summary>The activation has used all its numbers: it needs a new fence.</summary>
    public bool NearlyUsedUp => _count > uint.MaxValue - (1 << 16);

    public long Next() => fence << 32 | ++_count;
}

/// <summary>Answers without numbers, made once.</summary>
internal static class CommitAnswers
{
    private static readonly CommitResult[] Plain = Array.ConvertAll(
        Enum.GetValues<CommitStatus>(), static status => new CommitResult { Status = status });

    public static CommitResult Of(CommitStatus status) => Plain[(int)status];
}

/// <summary>Compares keys by their bytes.</summary>
internal sealed class KeyComparer : IEqualityComparer<ReadOnlyMemory<byte>>
{
    public static readonly KeyComparer Instance = new();

    public bool Equals(ReadOnlyMemory<byte> x, ReadOnlyMemory<byte> y) => x.Span.SequenceEqual(y.Span);

    public int GetHashCode(ReadOnlyMemory<byte> key)
    {
        var hash = new HashCode();
        hash.AddBytes(key.Span);
        return hash.ToHashCode();
    }
}
