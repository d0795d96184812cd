using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;
using Orleans.Serialization;

namespace Vault.Runtime.Serialization;

/// <summary>
/// Reads CBOR with definite lengths. Every length is checked against the bytes that are left before anything is
/// allocated, nesting is bounded, and whatever is malformed ends in a <see cref="SerializerException"/>.
/// </summary>
public ref struct CborReader
{
    private static readonly UTF8Encoding StrictUtf8 = new(
        encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly ReadOnlySpan<byte> _input;
    private int _position;
    private int _depth;

    /// <summary>Reads from <paramref name="input"/>.</summary>
    public CborReader(ReadOnlySpan<byte> input) => _input = input;

    /// <summary>
    /// Reads from <paramref name="input"/>; several segments are joined first, so the transport bounds their sum.
    /// </summary>
    public CborReader(in ReadOnlySequence<byte> input) =>
        _input = input.IsSingleSegment ? input.FirstSpan : input.ToArray();

    /// <summary>Bytes read so far.</summary>
    public readonly int BytesRead => _position;

    /// <summary>Bytes not read yet.</summary>
    public readonly int Remaining => _input.Length - _position;

    /// <summary>Whether the next value is null; if so it is consumed.</summary>
    public bool TryReadNull()
    {
        if ((uint)_position < (uint)_input.Length && _input[_position] is CborSimple.Null or CborSimple.Undefined)
        {
            _position++;
            return true;
        }

        return false;
    }

    /// <summary>Whether the next value is an array; nothing is consumed.</summary>
    public readonly bool NextIsArray => Peek(CborMajor.Array);

    /// <summary>Whether the next value is a text string; nothing is consumed.</summary>
    public readonly bool NextIsText => Peek(CborMajor.Text);

    /// <summary>Opens a map and returns how many pairs it holds; close it with <see cref="End"/>.</summary>
    public int BeginMap()
    {
        Enter();
        return ReadCount(CborMajor.Map, minimumBytesEach: 2);
    }

    /// <summary>Opens an array and returns how many elements it holds; close it with <see cref="End"/>.</summary>
    public int BeginArray()
    {
        Enter();
        return ReadCount(CborMajor.Array, minimumBytesEach: 1);
    }

    /// <summary>Opens an array that must hold exactly <paramref name="elements"/> elements.</summary>
    public void BeginArray(int elements)
    {
        if (BeginArray() != elements)
        {
            Throw("an array has an unexpected length");
        }
    }

    /// <summary>Closes the innermost map or array, whose elements have all been read.</summary>
    public void End() => _depth--;

    /// <summary>Reads a map key: an <c>[Id]</c> number, or -1 for the members of the base type.</summary>
    public int ReadKey()
    {
        if ((uint)_position < (uint)_input.Length && _input[_position] < 24)
        {
            return _input[_position++];
        }

        return ReadInt32();
    }

    /// <summary>Reads true or false.</summary>
    public bool ReadBoolean()
    {
        switch (NextByte())
        {
            case CborSimple.True:
                return true;
            case CborSimple.False:
                return false;
            default:
                Throw("a Boolean was expected");
                return false;
        }
    }

    /// <summary>Reads an integer that fits 64 signed bits.</summary>
    public long ReadInt64()
    {
        var first = NextByte();
        var argument = ReadArgument(first);
        if (argument <= long.MaxValue)
        {
            switch (first & CborMajor.Mask)
            {
                case CborMajor.Unsigned:
                    return (long)argument;
                case CborMajor.Negative:
                    return ~(long)argument;
            }
        }

        Throw("an integer within range was expected");
        return 0;
    }

    /// <summary>Reads a non-negative integer.</summary>
    public ulong ReadUInt64()
    {
        var first = NextByte();
        if ((first & CborMajor.Mask) != CborMajor.Unsigned)
        {
            Throw("a non-negative integer was expected");
        }

        return ReadArgument(first);
    }

    /// <summary>Reads an integer that fits 32 signed bits.</summary>
    public int ReadInt32()
    {
        var value = ReadInt64();
        if (value is < int.MinValue or > int.MaxValue)
        {
            Throw("an integer is out of range");
        }

        return (int)value;
    }

    /// <summary>Reads an integer between two bounds, both included.</summary>
    public long ReadInt64(long minimum, long maximum)
    {
        var value = ReadInt64();
        if (value < minimum || value > maximum)
        {
            Throw("an integer is out of range");
        }

        return value;
    }

    /// <summary>Reads a float of 16, 32 or 64 bits, or an integer.</summary>
    public double ReadDouble()
    {
        if (Remaining == 0)
        {
            Throw("the message ends early");
        }

        switch (_input[_position])
        {
            case CborSimple.Double:
                return BinaryPrimitives.ReadDoubleBigEndian(Take(9)[1..]);
            case CborSimple.Single:
                return BinaryPrimitives.ReadSingleBigEndian(Take(5)[1..]);
            case CborSimple.Half:
                return (double)BinaryPrimitives.ReadHalfBigEndian(Take(3)[1..]);
            default:
                return ReadInt64();
        }
    }

    /// <summary>Reads a text string, or null.</summary>
    public string? ReadText()
    {
        if (TryReadNull())
        {
            return null;
        }

        var utf8 = ReadUtf8Text();
        try
        {
            return StrictUtf8.GetString(utf8);
        }
        catch (DecoderFallbackException error)
        {
            throw new SerializerException("The message is malformed: a text is not UTF-8.", error);
        }
    }

    /// <summary>Reads a text string as the UTF-8 bytes of the input. They are not validated.</summary>
    public ReadOnlySpan<byte> ReadUtf8Text() => ReadString(CborMajor.Text);

    /// <summary>Reads a byte string as a part of the input.</summary>
    public ReadOnlySpan<byte> ReadBytes() => ReadString(CborMajor.Bytes);

    /// <summary>Reads a byte string of exactly <paramref name="length"/> bytes as a part of the input.</summary>
    public ReadOnlySpan<byte> ReadBytes(int length)
    {
        var bytes = ReadBytes();
        if (bytes.Length != length)
        {
            Throw("a byte string has an unexpected length");
        }

        return bytes;
    }

    /// <summary>Skips one value of any kind, with everything in it.</summary>
    public void Skip()
    {
        var pending = 1L;
        while (pending > 0)
        {
            pending--;
            var first = NextByte();
            var argument = ReadArgument(first);
            switch (first & CborMajor.Mask)
            {
                case CborMajor.Bytes or CborMajor.Text:
                    TakeLength(argument);
                    break;
                case CborMajor.Array:
                    pending += CheckCount(argument, 1);
                    break;
                case CborMajor.Map:
                    pending += 2L * CheckCount(argument, 2);
                    break;
                case CborMajor.Tag:
                    pending++;
                    break;
            }
        }
    }

    /// <summary>Skips one value and returns its encoding, a part of the input.</summary>
    public ReadOnlySpan<byte> ReadEncoded()
    {
        var start = _position;
        Skip();
        return _input[start.._position];
    }

    /// <summary>Throws because the message is not what its reader expects.</summary>
    /// <param name="what">What is wrong, as the end of a sentence; no data.</param>
    /// <exception cref="SerializerException">Always.</exception>
    [DoesNotReturn]
    public readonly void Throw(string what) =>
        throw new SerializerException($"The message is malformed at byte {_position}: {what}.");

    private int ReadCount(byte major, int minimumBytesEach)
    {
        var first = NextByte();
        if ((first & CborMajor.Mask) != major)
        {
            Throw(major == CborMajor.Map ? "a map was expected" : "an array was expected");
        }

        return CheckCount(ReadArgument(first), minimumBytesEach);
    }

    private readonly int CheckCount(ulong count, int minimumBytesEach)
    {
        if (count > (ulong)(Remaining / minimumBytesEach))
        {
            Throw("a length goes beyond the message");
        }

        return (int)count;
    }

    private ReadOnlySpan<byte> ReadString(byte major)
    {
        var first = NextByte();
        if ((first & CborMajor.Mask) != major)
        {
            Throw(major == CborMajor.Text ? "a text was expected" : "a byte string was expected");
        }

        return TakeLength(ReadArgument(first));
    }

    private ReadOnlySpan<byte> TakeLength(ulong length)
    {
        if (length > (ulong)Remaining)
        {
            Throw("a length goes beyond the message");
        }

        return Take((int)length);
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > Remaining)
        {
            Throw("the message ends early");
        }

        var taken = _input.Slice(_position, length);
        _position += length;
        return taken;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte NextByte()
    {
        if ((uint)_position >= (uint)_input.Length)
        {
            Throw("the message ends early");
        }

        return _input[_position++];
    }

    private ulong ReadArgument(byte first)
    {
        var low = first & CborMajor.ArgumentMask;
        switch (low)
        {
            case < 24:
                return (ulong)low;
            case CborMajor.OneByte:
                return Take(1)[0];
            case CborMajor.TwoBytes:
                return BinaryPrimitives.ReadUInt16BigEndian(Take(2));
            case CborMajor.FourBytes:
                return BinaryPrimitives.ReadUInt32BigEndian(Take(4));
            case CborMajor.EightBytes:
                return BinaryPrimitives.ReadUInt64BigEndian(Take(8));
            default:
                Throw("an indefinite or reserved length");
                return 0;
        }
    }

    private readonly bool Peek(byte major) => Remaining > 0 && (_input[_position] & CborMajor.Mask) == major;

    private void Enter()
    {
        if (++_depth > CborLimits.MaxDepth)
        {
            Throw("it nests too deeply");
        }
    }
}
