using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace Vault.Protocol.Cbor;

/// <summary>
/// Reads what <see cref="CborWriter"/> writes and nothing else. After the first fault every read returns nothing and
/// <see cref="Failed"/> stays true, so a parser reads straight through and asks once, before it allocates by a count.
/// </summary>
internal ref struct CborReader(ReadOnlySpan<byte> data)
{
    private const int MaxSkipDepth = 4;

    private ReadOnlySpan<byte> _rest = data;

    internal bool Failed { get; private set; }

    internal readonly int Remaining => _rest.Length;

    /// <summary>Whether everything was read and nothing was wrong.</summary>
    internal readonly bool IsComplete => !Failed && _rest.IsEmpty;

    /// <summary>Number of pairs; at most <paramref name="max"/>.</summary>
    internal int Map(int max) => Count(CborMajor.Map, max, bytesPerItem: 2);

    /// <summary>Number of items; at most <paramref name="max"/>, and no more than the bytes left can hold.</summary>
    internal int Array(int max) => Count(CborMajor.Array, max, bytesPerItem: 1);

    internal ulong UInt(ulong max = ulong.MaxValue)
    {
        var value = Head(CborMajor.UInt);
        return value <= max ? value : Fail();
    }

    internal int Int32(int max = int.MaxValue) => (int)UInt((ulong)max);

    /// <summary>The next map key, which must be larger than <paramref name="previous"/>.</summary>
    internal int Key(int previous)
    {
        var key = Int32(ushort.MaxValue);
        return key > previous ? key : (int)Fail();
    }

    internal ReadOnlySpan<byte> Bytes(int min, int max) => Slice(CborMajor.Bytes, min, max);

    /// <summary>A string of at most <paramref name="maxBytes"/> of valid UTF-8; null after a fault.</summary>
    internal string? Text(int maxBytes)
    {
        var utf8 = Slice(CborMajor.Text, 0, maxBytes);
        if (!Failed && !Utf8.IsValid(utf8))
        {
            Fail();
        }

        return Failed ? null : Encoding.UTF8.GetString(utf8);
    }

    /// <summary>Passes over one item of any kind: a field of a later version.</summary>
    internal void Skip() => Skip(MaxSkipDepth);

    internal ulong Fail()
    {
        Failed = true;
        _rest = default;
        return 0;
    }

    private void Skip(int depth)
    {
        if (Failed || _rest.IsEmpty || depth == 0)
        {
            Fail();
            return;
        }

        var major = _rest[0] >> 5;
        switch (major)
        {
            case CborMajor.UInt:
                Head(major);
                break;
            case CborMajor.Bytes or CborMajor.Text:
                Slice(major, 0, int.MaxValue);
                break;
            case CborMajor.Array or CborMajor.Map:
                var items = Count(major, int.MaxValue, bytesPerItem: major == CborMajor.Map ? 2 : 1);
                for (var i = 0L; i < (major == CborMajor.Map ? 2L : 1L) * items && !Failed; i++)
                {
                    Skip(depth - 1);
                }

                break;
            default:
                Fail();
                break;
        }
    }

    private int Count(int major, int max, int bytesPerItem)
    {
        var count = Head(major);
        return count <= (ulong)max && count <= (ulong)(_rest.Length / bytesPerItem) ? (int)count : (int)Fail();
    }

    private ReadOnlySpan<byte> Slice(int major, int min, int max)
    {
        var length = Head(major);
        if (Failed || length < (ulong)min || length > (ulong)max || length > (ulong)_rest.Length)
        {
            Fail();
            return default;
        }

        var slice = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return slice;
    }

    private ulong Head(int major)
    {
        if (_rest.IsEmpty || _rest[0] >> 5 != major)
        {
            return Fail();
        }

        var info = _rest[0] & 31;
        var size = info switch { < 24 => 0, 24 => 1, 25 => 2, 26 => 4, 27 => 8, _ => int.MaxValue };
        if (size > _rest.Length - 1)
        {
            return Fail();
        }

        var (value, least) = size switch
        {
            0 => ((ulong)info, 0UL),
            1 => (_rest[1], 24UL),
            2 => (BinaryPrimitives.ReadUInt16BigEndian(_rest[1..]), 1UL << 8),
            4 => (BinaryPrimitives.ReadUInt32BigEndian(_rest[1..]), 1UL << 16),
            _ => (BinaryPrimitives.ReadUInt64BigEndian(_rest[1..]), 1UL << 32),
        };
        _rest = _rest[(1 + size)..];
        return value >= least ? value : Fail();
    }
}
