using System.Buffers;
using System.Text;

namespace Vault.Protocol.SigV4;

/// <summary>Collects bytes on the stack first, in a pooled array when they grow.</summary>
internal ref struct ByteBuilder(Span<byte> initial)
{
    private Span<byte> buffer = initial;
    private byte[]? rented;

    public int Length { get; private set; }

    public readonly ReadOnlySpan<byte> Written => buffer[..Length];

    public void Append(byte value)
    {
        if (Length == buffer.Length)
            Grow(1);
        buffer[Length++] = value;
    }

    public void Append(scoped ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
        Length += bytes.Length;
    }

    /// <summary>Appends text as UTF-8.</summary>
    public void Append(scoped ReadOnlySpan<char> text)
    {
        var room = Reserve(text.Length * 3);
        Length += Encoding.UTF8.GetBytes(text, room);
    }

    public void AppendHex(scoped ReadOnlySpan<byte> bytes)
    {
        HexText.Encode(bytes, Reserve(bytes.Length * 2));
        Length += bytes.Length * 2;
    }

    /// <summary>
    /// Room for <paramref name="count"/> bytes at the end; <see cref="Advance"/> keeps what was written.
    /// </summary>
    public Span<byte> Reserve(int count)
    {
        if (buffer.Length - Length < count)
            Grow(count);
        return buffer[Length..];
    }

    public void Advance(int count) => Length += count;

    public void Dispose()
    {
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
        this = default;
    }

    private void Grow(int more)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(checked(Length + more), buffer.Length * 2));
        Written.CopyTo(larger);
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
        buffer = rented = larger;
    }
}
