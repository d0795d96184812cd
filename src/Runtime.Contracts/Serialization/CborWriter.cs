using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;
using Orleans.Serialization;

namespace Vault.Runtime.Serialization;

/// <summary>
/// Writes CBOR (RFC 8949) with definite lengths and shortest heads straight into an <see cref="IBufferWriter{T}"/>.
/// Pass it by reference; call <see cref="Flush"/> when the message is complete.
/// </summary>
public ref struct CborWriter
{
    private const int MinimumSpan = 256;
    private readonly IBufferWriter<byte> _output;
    private Span<byte> _span;
    private int _used;
    private long _flushed;
    private int _depth;

    /// <summary>Creates a writer that appends to <paramref name="output"/>.</summary>
    public CborWriter(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        _output = output;
        _span = output.GetSpan(MinimumSpan);
    }

    /// <summary>Bytes written so far.</summary>
    public readonly long BytesWritten => _flushed + _used;

    /// <summary>Hands everything written so far to the output. The writer stays usable.</summary>
    public void Flush()
    {
        _output.Advance(_used);
        _flushed += _used;
        _used = 0;
        _span = default;
    }

    /// <summary>
    /// Opens a map of exactly <paramref name="pairs"/> keys and values; close it with <see cref="End"/>.
    /// </summary>
    /// <exception cref="SerializerException">The graph is deeper than any message may be, or cyclic.</exception>
    public void BeginMap(int pairs)
    {
        Enter();
        WriteHead(CborMajor.Map, (uint)pairs);
    }

    /// <summary>
    /// Opens an array of exactly <paramref name="elements"/> elements; close it with <see cref="End"/>.
    /// </summary>
    /// <exception cref="SerializerException">The graph is deeper than any message may be, or cyclic.</exception>
    public void BeginArray(int elements)
    {
        Enter();
        WriteHead(CborMajor.Array, (uint)elements);
    }

    /// <summary>Closes the innermost map or array. Writes nothing: lengths are definite.</summary>
    public void End() => _depth--;

    /// <summary>Writes a map key: an <c>[Id]</c> number, or -1 for the members of the base type.</summary>
    public void WriteKey(int key)
    {
        if (key is >= 0 and < 24)
        {
            WriteByte((byte)key);
        }
        else
        {
            WriteInt64(key);
        }
    }

    /// <summary>Writes null.</summary>
    public void WriteNull() => WriteByte(CborSimple.Null);

    /// <summary>Writes true or false.</summary>
    public void WriteBoolean(bool value) => WriteByte(value ? CborSimple.True : CborSimple.False);

    /// <summary>Writes an integer in its shortest form.</summary>
    public void WriteInt64(long value)
    {
        if (value >= 0)
        {
            WriteHead(CborMajor.Unsigned, (ulong)value);
        }
        else
        {
            WriteHead(CborMajor.Negative, (ulong)~value);
        }
    }

    /// <summary>Writes an integer in its shortest form.</summary>
    public void WriteUInt64(ulong value) => WriteHead(CborMajor.Unsigned, value);

    /// <summary>Writes a 32-bit float.</summary>
    public void WriteSingle(float value)
    {
        var span = Reserve(5);
        span[0] = CborSimple.Single;
        BinaryPrimitives.WriteSingleBigEndian(span[1..], value);
        _used += 5;
    }

    /// <summary>Writes a 64-bit float.</summary>
    public void WriteDouble(double value)
    {
        var span = Reserve(9);
        span[0] = CborSimple.Double;
        BinaryPrimitives.WriteDoubleBigEndian(span[1..], value);
        _used += 9;
    }

    /// <summary>Writes a text string as UTF-8, or null.</summary>
    public void WriteText(string? value)
    {
        if (value is null)
        {
            WriteNull();
            return;
        }

        WriteText(value.AsSpan());
    }

    /// <summary>Writes a text string as UTF-8.</summary>
    public void WriteText(scoped ReadOnlySpan<char> value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        WriteHead(CborMajor.Text, (uint)length);
        Encoding.UTF8.GetBytes(value, Reserve(length));
        _used += length;
    }

    /// <summary>Writes a text string that is already UTF-8.</summary>
    public void WriteUtf8Text(scoped ReadOnlySpan<byte> utf8)
    {
        WriteHead(CborMajor.Text, (uint)utf8.Length);
        WriteRaw(utf8);
    }

    /// <summary>Writes a byte string.</summary>
    public void WriteBytes(scoped ReadOnlySpan<byte> value)
    {
        WriteHead(CborMajor.Bytes, (uint)value.Length);
        WriteRaw(value);
    }

    /// <summary>
    /// Writes the head of a byte string and returns its <paramref name="length"/> bytes for the caller to fill at once.
    /// </summary>
    public Span<byte> WriteBytes(int length)
    {
        WriteHead(CborMajor.Bytes, (uint)length);
        var span = Reserve(length)[..length];
        _used += length;
        return span;
    }

    /// <summary>Copies one value that is already encoded.</summary>
    public void WriteEncoded(scoped ReadOnlySpan<byte> encoded) => WriteRaw(encoded);

    private void WriteRaw(scoped ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
        _used += bytes.Length;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void WriteByte(byte value)
    {
        if (_used >= _span.Length)
        {
            Grow(1);
        }

        _span[_used++] = value;
    }

    private void WriteHead(byte major, ulong argument)
    {
        if (argument < 24)
        {
            WriteByte((byte)(major | (byte)argument));
            return;
        }

        var span = Reserve(9);
        if (argument <= byte.MaxValue)
        {
            span[0] = (byte)(major | CborMajor.OneByte);
            span[1] = (byte)argument;
            _used += 2;
        }
        else if (argument <= ushort.MaxValue)
        {
            span[0] = (byte)(major | CborMajor.TwoBytes);
            BinaryPrimitives.WriteUInt16BigEndian(span[1..], (ushort)argument);
            _used += 3;
        }
        else if (argument <= uint.MaxValue)
        {
            span[0] = (byte)(major | CborMajor.FourBytes);
            BinaryPrimitives.WriteUInt32BigEndian(span[1..], (uint)argument);
            _used += 5;
        }
        else
        {
            span[0] = (byte)(major | CborMajor.EightBytes);
            BinaryPrimitives.WriteUInt64BigEndian(span[1..], argument);
            _used += 9;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Span<byte> Reserve(int length)
    {
        if (_span.Length - _used < length)
        {
            Grow(length);
        }

        return _span[_used..];
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(int length)
    {
        Flush();
        _span = _output.GetSpan(Math.Max(length, MinimumSpan));
    }

    private void Enter()
    {
        if (++_depth > CborLimits.MaxDepth)
        {
            ThrowTooDeep();
        }
    }

    [DoesNotReturn]
    private static void ThrowTooDeep() =>
        throw new SerializerException($"The value nests deeper than {CborLimits.MaxDepth} levels or contains itself.");
}
