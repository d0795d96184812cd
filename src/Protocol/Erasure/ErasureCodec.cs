namespace Vault.Protocol.Erasure;

/// <summary>
/// Systematic Reed–Solomon code: k data shards, m parity shards, any k of which bring back all. Immutable; safe for
/// concurrent use.
/// </summary>
/// <remarks>docs/spec/chunks.md, section 4.</remarks>
public sealed class ErasureCodec
{
    /// <summary>Most shards of one chunk.</summary>
    public const int MaxShards = 255;

    private readonly GaloisMatrix _matrix;
    private readonly GaloisCoefficients _parity;
    private readonly GaloisPath _path;

    /// <summary>A code of <paramref name="dataShards"/> (k ≥ 1) and <paramref name="parityShards"/> (m ≥ 0).</summary>
    public ErasureCodec(int dataShards, int parityShards)
        : this(dataShards, parityShards, GaloisKernel.Best)
    {
    }

    internal ErasureCodec(int dataShards, int parityShards, GaloisPath path)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dataShards, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(parityShards);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(dataShards + parityShards, MaxShards);
        DataShards = dataShards;
        ParityShards = parityShards;
        _path = path;
        _matrix = GaloisMatrix.Systematic(dataShards, parityShards);
        _parity = new GaloisCoefficients(
            _matrix.SelectRows(Enumerable.Range(dataShards, parityShards).ToArray()));
    }

    /// <summary>k.</summary>
    public int DataShards { get; }

    /// <summary>m.</summary>
    public int ParityShards { get; }

    /// <summary>k + m.</summary>
    public int TotalShards => DataShards + ParityShards;

    /// <summary>Bytes of each shard of a payload: an equal share, the last one zero-padded.</summary>
    public int ShardBytes(int payloadBytes) => (payloadBytes + DataShards - 1) / DataShards;

    /// <summary>Computes the parity shards.</summary>
    /// <param name="shards">k + m shards one after the other; the data is there, the parity is overwritten.</param>
    /// <param name="shardBytes">Bytes of each shard.</param>
    /// <exception cref="ArgumentException">The lengths do not fit; nothing was touched.</exception>
    public void Encode(Span<byte> shards, int shardBytes)
    {
        RequireLength(shards, shardBytes);
        Span<int> starts = stackalloc int[TotalShards];
        Starts(starts, shardBytes);
        if (shardBytes > 0)
        {
            GaloisKernel.Sum(_path, _parity, shards, starts[..DataShards], starts[DataShards..], shardBytes);
        }
    }

    /// <summary>Brings back every missing shard, from the k lowest-numbered ones at hand.</summary>
    /// <param name="shards">k + m shards one after the other; missing ones are overwritten.</param>
    /// <param name="shardBytes">Bytes of each shard.</param>
    /// <param name="present">For each shard whether it is at hand, and verified.</param>
    /// <returns>False when fewer than k are at hand; nothing was touched.</returns>
    /// <exception cref="ArgumentException">The lengths do not fit; nothing was touched.</exception>
    public bool TryReconstruct(Span<byte> shards, int shardBytes, ReadOnlySpan<bool> present)
    {
        RequireLength(shards, shardBytes);
        if (present.Length != TotalShards)
        {
            throw new ArgumentException("One flag for each shard is needed.", nameof(present));
        }

        var have = new List<int>(DataShards);
        var missing = new List<int>(ParityShards);
        for (var shard = 0; shard < TotalShards; shard++)
        {
            if (!present[shard])
            {
                missing.Add(shard);
            }
            else if (have.Count < DataShards)
            {
                have.Add(shard);
            }
        }

        if (have.Count < DataShards)
        {
            return false;
        }

        if (missing.Count > 0 && shardBytes > 0)
        {
            var fromHave = _matrix.SelectRows(missing.ToArray()).Times(_matrix.SelectRows(have.ToArray()).Inverse());
            var sources = have.ConvertAll(shard => shard * shardBytes).ToArray();
            var targets = missing.ConvertAll(shard => shard * shardBytes).ToArray();
            GaloisKernel.Sum(_path, new GaloisCoefficients(fromHave), shards, sources, targets, shardBytes);
        }

        return true;
    }

    internal byte[] ParityRow(int row) => _matrix[DataShards + row].ToArray();

    private static void Starts(Span<int> starts, int shardBytes)
    {
        for (var shard = 0; shard < starts.Length; shard++)
        {
            starts[shard] = shard * shardBytes;
        }
    }

    private void RequireLength(ReadOnlySpan<byte> shards, int shardBytes)
    {
        if (shardBytes < 0 || shards.Length != (long)TotalShards * shardBytes)
        {
            throw new ArgumentException("The buffer must hold exactly k + m shards.", nameof(shards));
        }
    }
}
