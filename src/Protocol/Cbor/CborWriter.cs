using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Vault.Protocol.Cbor;

/// <summary>
/// Writes the deterministic subset of CBOR (RFC 8949 §4.2) that our formats use: definite lengths, shortest heads.
/// Starts in the caller's memory and rents more when that is full; wipes both in the end, they may
/// hold secrets.
/// </summary>
internal ref struct CborWriter(Span<byte> initial)
{
    private const int MaxHead = 9;

    private Span<byte> _buffer = initial;
    private byte[]? _rented;
    private int _length;

    internal readonly ReadOnlySpan<byte> Written => _buffer[.._length];

    internal void Map(int pairs) => Head(CborMajor.Map, (ulong)pairs);

    internal void Array(int items) => Head(CborMajor.Array, (ulong)items);

    internal void UInt(ulong value) => Head(CborMajor.UInt, value);

    internal void Bytes(scoped ReadOnlySpan<byte> value)
    {
        Head(CborMajor.Bytes, (ulong)value.Length);
        Reserve(value.Length);
        value.CopyTo(_buffer[_length..]);
        _length += value.Length;
    }

    /// <summary>
    /// A byte string of <paramref name="length"/> bytes for the caller to fill before the next write.
    /// </summary>
    internal Span<byte> Bytes(int length)
    {
        Head(CborMajor.Bytes, (ulong)length);
        Reserve(length);
        _length += length;
        return _buffer[(_length - length).._length];
    }

    internal void Text(string value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        Head(CborMajor.Text, (ulong)length);
        Reserve(length);
        _length += Encoding.UTF8.GetBytes(value, _buffer[_length..]);
    }

    /// <summary>Wipes what was written and gives back what was rented.</summary>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_buffer[.._length]);
        if (_rented is not null)
        {
            ArrayPool<byte>.Shared.Return(_rented);
            _rented = null;
        }

        _buffer = default;
        _length = 0;
    }

    private void Head(int major, ulong value)
    {
        Reserve(MaxHead);
        var at = _buffer[_length..];
        var type = (byte)(major << 5);
        switch (value)
        {
            case < 24:
                at[0] = (byte)(type | (byte)value);
                _length += 1;
                break;
            case <= byte.MaxValue:
                at[0] = (byte)(type | 24);
                at[1] = (byte)value;
                _length += 2;
                break;
            case <= ushort.MaxValue:
                at[0] = (byte)(type | 25);
                BinaryPrimitives.WriteUInt16BigEndian(at[1..], (ushort)value);
                _length += 3;
                break;
            case <= uint.MaxValue:
                at[0] = (byte)(type | 26);
                BinaryPrimitives.WriteUInt32BigEndian(at[1..], (uint)value);
                _length += 5;
                break;
            default:
                at[0] = (byte)(type | 27);
                BinaryPrimitives.WriteUInt64BigEndian(at[1..], value);
                _length += 9;
                break;
        }
    }

    private void Reserve(int more)
    {
        if (_buffer.Length - _length >= more)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, _length + more));
        Written.CopyTo(larger);
        CryptographicOperations.ZeroMemory(_buffer[.._length]);
        if (_rented is not null)
        {
            ArrayPool<byte>.Shared.Return(_rented);
        }

        _buffer = _rented = larger;
    }
}
