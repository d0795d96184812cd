using System.Diagnostics.CodeAnalysis;
using System.Formats.Cbor;
using System.Text;

namespace Vault.Protocol.Cbor;

/// <summary>
/// CBOR as our formats have it: definite lengths, shortest heads, keys ascending, no tags (CTAP2's canonical form, for
/// our small unsigned keys the same as RFC 8949 §4.2), and bounds that are checked before anything is allocated by them.
/// </summary>
internal static class CborFormat
{
    private const CborConformanceMode Mode = CborConformanceMode.Ctap2Canonical;

    /// <summary>A listing reads a thousand records: the reader and its stack are made once for a thread.</summary>
    [ThreadStatic]
    private static CborReader? _reader;

    /// <summary>A writer whose memory is neither moved nor left behind up to that many bytes.</summary>
    internal static CborWriter Writer(int bytes) => new(Mode, false, false, bytes);

    /// <summary>
    /// What <paramref name="read"/> makes of <paramref name="cbor"/>; false when it returns null or the bytes are not
    /// what it asks for.
    /// </summary>
    internal static bool TryRead<T>(
        ReadOnlyMemory<byte> cbor, Func<CborReader, T?> read, [NotNullWhen(true)] out T? value)
        where T : class
    {
        var reader = _reader ??= new CborReader(default, Mode);
        reader.Reset(cbor);
        try
        {
            value = read(reader);
        }
        catch (Exception refused) when (refused is CborContentException or InvalidOperationException or OverflowException)
        {
            value = null; // malformed, of another type, out of range
        }
        finally
        {
            reader.Reset(default);
        }

        return value is not null;
    }

    extension(CborReader reader)
    {
        /// <summary>Begins a map; no more pairs than the bytes left can hold.</summary>
        internal int Map() => reader.ReadStartMap() ?? throw Refused();

        /// <summary>The next key of a map.</summary>
        internal int Key() => reader.Int32(ushort.MaxValue) is var key and > 0 ? key : throw Refused();

        /// <summary>The next number must be this one.</summary>
        internal void Expect(int value)
        {
            if (reader.ReadUInt64() != (ulong)value)
            {
                throw Refused();
            }
        }

        internal int Int32(int max) => (int)reader.Int64(max);

        internal long Int64(long max) => reader.ReadUInt64() is var value && value <= (ulong)max
            ? (long)value
            : throw Refused();

        /// <summary>Begins an array of at most <paramref name="max"/> items, no more than the bytes left can hold.</summary>
        internal int Array(int max) => reader.ReadStartArray() is { } count && count <= max ? count : throw Refused();

        /// <summary>Begins an array of exactly <paramref name="items"/>.</summary>
        internal void ArrayOf(int items)
        {
            if (reader.ReadStartArray() != items)
            {
                throw Refused();
            }
        }

        /// <summary>A part of the memory that is read.</summary>
        internal ReadOnlyMemory<byte> Bytes(int min, int max) =>
            reader.ReadDefiniteLengthByteString() is var bytes && bytes.Length >= min && bytes.Length <= max
                ? bytes
                : throw Refused();

        internal string Text(int maxBytes) =>
            reader.ReadDefiniteLengthTextStringBytes() is var utf8 && utf8.Length <= maxBytes
                ? Encoding.UTF8.GetString(utf8.Span)
                : throw Refused();

        /// <summary>Nothing may follow.</summary>
        internal void End()
        {
            if (reader.BytesRemaining != 0)
            {
                throw Refused();
            }
        }
    }

    private static CborContentException Refused() => new("The value is outside what the format allows.");
}
