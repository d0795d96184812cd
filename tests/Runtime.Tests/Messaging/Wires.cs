using System.Buffers;
using System.IO.Pipelines;

namespace Vault.Runtime.Tests.Messaging;

/// <summary>Two ends in memory, and what went over them.</summary>
internal sealed class Wires
{
    private readonly Pipe _toAccepting = new();
    private readonly Pipe _toConnecting = new();

    public Wires()
    {
        Connecting = new End(_toConnecting.Reader.AsStream(), _toAccepting.Writer.AsStream(), FromConnecting);
        Accepting = new End(_toAccepting.Reader.AsStream(), _toConnecting.Writer.AsStream(), FromAccepting);
    }

    public MemoryStream FromConnecting { get; } = new();

    public MemoryStream FromAccepting { get; } = new();

    public Stream Connecting { get; }

    public Stream Accepting { get; }

    /// <summary>Uses one end, then closes it.</summary>
    public T Use<T>(Stream end, Func<Stream, T> use)
    {
        try
        {
            return use(end);
        }
        finally
        {
            (ReferenceEquals(end, Connecting) ? _toAccepting : _toConnecting).Writer.Complete();
        }
    }

    private sealed class End(Stream input, Stream output, MemoryStream seen) : TestStream
    {
        public override int Read(byte[] buffer, int offset, int count) => input.Read(buffer, offset, count);

        public override void Write(byte[] buffer, int offset, int count)
        {
            seen.Write(buffer, offset, count);
            try
            {
                output.Write(buffer, offset, count);
                output.Flush();
            }
            catch (InvalidOperationException exception)
            {
                throw new IOException("closed", exception);
            }
        }
    }
}

/// <summary>An end that says what it was given, and keeps what it is told.</summary>
internal sealed class Script(byte[] input) : TestStream
{
    private readonly MemoryStream _input = new(input);

    public MemoryStream Written { get; } = new();

    public override int Read(byte[] buffer, int offset, int count) => _input.Read(buffer, offset, count);

    public override void Write(byte[] buffer, int offset, int count) => Written.Write(buffer, offset, count);
}

/// <summary>An end that sends back what it is told, after the magic.</summary>
internal sealed class Mirror : TestStream
{
    private readonly Queue<byte> _bytes = new("VLTP"u8.ToArray());

    public override int Read(byte[] buffer, int offset, int count)
    {
        var read = 0;
        while (read < count && _bytes.TryDequeue(out var next))
        {
            buffer[offset + read++] = next;
        }

        return read;
    }

    public override void Write(byte[] buffer, int offset, int count)
    {
        foreach (var next in buffer.AsSpan(offset, count))
        {
            _bytes.Enqueue(next);
        }
    }
}

internal abstract class TestStream : Stream
{
    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}

/// <summary>Bytes in several pieces.</summary>
internal sealed class Segment : ReadOnlySequenceSegment<byte>
{
    private Segment(ReadOnlyMemory<byte> memory, long index) => (Memory, RunningIndex) = (memory, index);

    public static ReadOnlySequence<byte> Cut(byte[] bytes, Random random)
    {
        var first = new Segment(default, 0);
        var last = first;
        for (var at = 0; at < bytes.Length;)
        {
            var count = Math.Min(random.Next(0, 9), bytes.Length - at);
            var next = new Segment(bytes.AsMemory(at, count), at);
            last.Next = next;
            last = next;
            at += count;
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }
}
