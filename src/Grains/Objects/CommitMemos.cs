using System.Buffers.Binary;
using Vault.Grains.Abstractions.Objects;
using Vault.Grains.Store;
using Vault.Sql;

namespace Vault.Grains.Objects;

/// <summary>
/// What the partition's commits of the last minute answered, by the ids that their callers drew: a call that Orleans
/// delivers twice, or that a front end repeats since its answer was lost, changes nothing again (decisions §7.4). Rows
/// say so too, in the same transactions; an activation reads them when it has its fence.
/// </summary>
/// <remarks>An entry is id(16) ‖ sequence(i64) ‖ modified ms(i64), big-endian; zeros of a delete.</remarks>
internal sealed class CommitMemos(TimeProvider time)
{
    /// <summary>Longer than any caller goes on repeating.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(1);

    private const int EntryBytes = 32;

    /// <summary>As many as a partition can commit in a minute, and a bound of the memory.</summary>
    private const int MostKnown = 200_000;

    private static readonly TimeSpan PrunePeriod = TimeSpan.FromSeconds(20);

    private readonly Dictionary<UInt128, CommitResult> _known = [];
    private readonly Queue<(UInt128 Id, long At)> _byAge = new();
    private readonly List<(UInt128 Id, CommitResult Result)> _batch = [];
    private long _prunedAt = time.GetTimestamp();

    /// <summary>
    /// What the grain's earlier activations left; null where one process is all there is, and no call is lost on its
    /// way or repeated.
    /// </summary>
    /// <remarks>After the fence was taken: nobody else can add any then.</remarks>
    public static async Task<CommitMemos?> OpenAsync(
        Database database, string grainId, TimeProvider time, CancellationToken ct)
    {
        if (database.Kind == SqlKind.Sqlite) return null;
        var memos = new CommitMemos(time);
        foreach (var row in await database.ReadAsync(CommitMemoTable.Young, new CommitMemoAge(grainId), ct))
            memos.Load(row.Entries);
        return memos;
    }

    private void Load(ReadOnlySpan<byte> entries)
    {
        for (; entries.Length >= EntryBytes; entries = entries[EntryBytes..])
        {
            var sequence = BinaryPrimitives.ReadInt64BigEndian(entries[16..]);
            Know(BinaryPrimitives.ReadUInt128BigEndian(entries), new CommitResult
            {
                Status = CommitStatus.Ok, Sequence = sequence,
                ModifiedMs = BinaryPrimitives.ReadInt64BigEndian(entries[24..]),
            });
        }
    }

    /// <summary>A batch is decided, from the start.</summary>
    public void Begin() => _batch.Clear();

    /// <summary>What it answered, or null; members of the batch that is being decided count.</summary>
    public CommitResult? Find(UInt128 id)
    {
        foreach (var (member, result) in _batch)
        {
            if (member == id) return result;
        }

        return _known.GetValueOrDefault(id);
    }

    /// <summary>A member of the batch changes rows.</summary>
    public void Add(UInt128 id, CommitResult result) => _batch.Add((id, result));

    /// <summary>The row of the batch; empty when it needs none.</summary>
    public byte[] Entries()
    {
        var entries = new byte[_batch.Count * EntryBytes];
        var rest = entries.AsSpan();
        foreach (var (id, result) in _batch)
        {
            BinaryPrimitives.WriteUInt128BigEndian(rest, id);
            BinaryPrimitives.WriteInt64BigEndian(rest[16..], result.Sequence);
            BinaryPrimitives.WriteInt64BigEndian(rest[24..], result.ModifiedMs);
            rest = rest[EntryBytes..];
        }

        return entries;
    }

    /// <summary>Whether old rows are to go with the next batch.</summary>
    public bool IsPruneDue()
    {
        if (time.GetElapsedTime(_prunedAt) < PrunePeriod) return false;
        _prunedAt = time.GetTimestamp();
        return true;
    }

    /// <summary>The batch is durable.</summary>
    public void Committed()
    {
        foreach (var (id, result) in _batch) Know(id, result);
        _batch.Clear();
    }

    private void Know(UInt128 id, CommitResult result)
    {
        if (_known.TryAdd(id, result)) _byAge.Enqueue((id, time.GetTimestamp()));
        while (_byAge.TryPeek(out var oldest)
            && (_byAge.Count > MostKnown || time.GetElapsedTime(oldest.At) > Life))
        {
            _byAge.Dequeue();
            _known.Remove(oldest.Id);
        }
    }
}
