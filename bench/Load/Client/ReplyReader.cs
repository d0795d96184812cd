using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Vault.Load.Client;

/// <summary>Reads replies from a stream: head, then a body of known length, in chunks, or up to the close.</summary>
internal sealed class ReplyReader
{
    private const int MaxText = 8 << 20;

    private readonly byte[] buffer = new byte[256 << 10];
    private readonly ArrayBufferWriter<byte> collected = new();
    private int start;
    private int end;
    private Stream source = Stream.Null;
    private byte[]? expected;
    private bool keepText;
    private bool matches;
    private long received;

    /// <summary>True when the server closes the connection after the last reply.</summary>
    public bool MustClose { get; private set; }

    public void Reset() => (start, end) = (0, 0);

    public HttpReply Read(Stream from, bool isHead, byte[]? expectedBody, bool collect)
    {
        source = from;
        var head = ReadHead();
        while (head.Status is >= 100 and < 200)
            head = ReadHead();
        MustClose = head.Close;
        expected = head.Status is >= 200 and < 300 ? expectedBody : null;
        keepText = collect || head.Status >= 300;
        (matches, received) = (true, 0);
        collected.ResetWrittenCount();
        if (isHead || head.Status is 204 or 304)
            return new HttpReply(head.Status, 0, true, string.Empty);
        if (head.Chunked)
            ReadChunks();
        else if (head.Length >= 0)
            ReadBody(head.Length);
        else
            ReadToClose();
        matches &= expected is null || received == expected.Length;
        var text = keepText ? Encoding.UTF8.GetString(collected.WrittenSpan) : string.Empty;
        return new HttpReply(head.Status, received, matches, text);
    }

    private (int Status, long Length, bool Chunked, bool Close) ReadHead()
    {
        int size;
        while ((size = buffer.AsSpan(start, end - start).IndexOf("\r\n\r\n"u8)) < 0)
            Fill();
        var head = buffer.AsSpan(start, size + 2);
        start += size + 4;
        if (head.Length < 12 || !Utf8Parser.TryParse(head[9..], out int status, out _))
            throw new InvalidDataException("The server's reply is not HTTP.");
        var (length, chunked, close) = (-1L, false, false);
        for (var rest = head[(head.IndexOf("\r\n"u8) + 2)..]; rest.Length > 0;)
        {
            var line = rest[..rest.IndexOf("\r\n"u8)];
            rest = rest[(line.Length + 2)..];
            var colon = line.IndexOf((byte)':');
            var name = line[..colon];
            var value = line[(colon + 1)..].Trim((byte)' ');
            if (Ascii.EqualsIgnoreCase(name, "content-length"u8) && Utf8Parser.TryParse(value, out long bytes, out _))
                length = bytes;
            else if (Ascii.EqualsIgnoreCase(name, "transfer-encoding"u8))
                chunked = Ascii.EqualsIgnoreCase(value, "chunked"u8);
            else if (Ascii.EqualsIgnoreCase(name, "connection"u8))
                close = Ascii.EqualsIgnoreCase(value, "close"u8);
        }

        return (status, length, chunked, close);
    }

    private void ReadBody(long length)
    {
        while (length > 0)
        {
            if (start == end)
                Fill();
            var count = (int)Math.Min(length, end - start);
            Take(buffer.AsSpan(start, count));
            start += count;
            length -= count;
        }
    }

    private void ReadChunks()
    {
        while (true)
        {
            var line = ReadLine();
            if (!Utf8Parser.TryParse(line, out int size, out _, 'x'))
                throw new InvalidDataException("A chunk of the reply has no size.");
            if (size == 0)
                break;
            ReadBody(size);
            ReadLine();
        }

        while (!ReadLine().IsEmpty)
        {
        }
    }

    private void ReadToClose()
    {
        MustClose = true;
        do
        {
            Take(buffer.AsSpan(start, end - start));
            (start, end) = (0, source.Read(buffer, 0, buffer.Length));
        }
        while (end > 0);
    }

    private ReadOnlySpan<byte> ReadLine()
    {
        int size;
        while ((size = buffer.AsSpan(start, end - start).IndexOf("\r\n"u8)) < 0)
            Fill();
        var line = buffer.AsSpan(start, size);
        start += size + 2;
        return line;
    }

    private void Take(ReadOnlySpan<byte> piece)
    {
        if (expected is not null)
        {
            matches &= received + piece.Length <= expected.Length
                && piece.SequenceEqual(expected.AsSpan((int)received, piece.Length));
        }

        if (keepText && collected.WrittenCount < MaxText)
            collected.Write(piece);
        received += piece.Length;
    }

    private void Fill()
    {
        if (start == end)
            (start, end) = (0, 0);
        if (end == buffer.Length)
        {
            if (start == 0)
                throw new InvalidDataException("The head of the reply is too long.");
            buffer.AsSpan(start, end - start).CopyTo(buffer);
            (start, end) = (0, end - start);
        }

        var count = source.Read(buffer, end, buffer.Length - end);
        if (count == 0)
            throw new EndOfStreamException("The server closed the connection in the middle of a reply.");
        end += count;
    }
}
