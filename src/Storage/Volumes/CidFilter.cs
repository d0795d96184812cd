using System.Buffers.Binary;

namespace Vault.Storage.Volumes;

/// <summary>
/// A blocked Bloom filter, 64-byte blocks, about 12 bits and 8 probes per record: says which sealed logs a lookup need
/// not open. Kept in memory for every sealed log, 1.5 bytes per record.
/// </summary>
internal sealed class CidFilter
{
    internal const int BlockBytes = 64;
    private const int Probes = 8, BitsPerRecord = 12;

    private readonly ulong[] _words;
    private readonly uint _blocks;

    private CidFilter(ulong[] words)
    {
        _words = words;
        _blocks = (uint)(words.Length / 8);
    }

    public int Bytes => _words.Length * 8;

    public static CidFilter ForRecords(int records) => new(new ulong[BlocksFor(records) * 8]);

    public static int BlocksFor(int records) => Math.Max(1, (int)(((long)records * BitsPerRecord + 511) / 512));

    public static CidFilter FromBytes(ReadOnlySpan<byte> bytes)
    {
        var words = new ulong[bytes.Length / 8];
        for (var i = 0; i < words.Length; i++)
            words[i] = BinaryPrimitives.ReadUInt64LittleEndian(bytes[(i * 8)..]);
        return new CidFilter(words);
    }

    public void WriteTo(Span<byte> destination)
    {
        for (var i = 0; i < _words.Length; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(destination[(i * 8)..], _words[i]);
    }

    public void Add(ulong hash)
    {
        var (block, bits) = Place(hash);
        for (var i = 0; i < Probes; i++, bits = ulong.RotateRight(bits, 7))
            _words[block + (int)(bits >> 6 & 7)] |= 1UL << (int)(bits & 63);
    }

    public bool MayContain(ulong hash)
    {
        var (block, bits) = Place(hash);
        for (var i = 0; i < Probes; i++, bits = ulong.RotateRight(bits, 7))
        {
            if ((_words[block + (int)(bits >> 6 & 7)] & 1UL << (int)(bits & 63)) == 0)
                return false;
        }

        return true;
    }

    /// <summary>The block by the hash's upper half, the probes by a second mix of it, 9 bits each.</summary>
    private (int Block, ulong Bits) Place(ulong hash)
    {
        var block = (int)((hash >> 32) * _blocks >> 32) * 8;
        return (block, hash * 0xD6E8FEB86659FD93 ^ hash >> 29);
    }
}
