using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Vault.Runtime.Messaging.Tcp;

/// <summary>
/// A socket without TLS. Reading blocks the thread; writing takes what the kernel has room for at once, and only the
/// rest waits, on a thread of its own.
/// </summary>
internal sealed unsafe class PlainWire(Socket socket) : Wire(socket)
{
    public override int Read(Span<byte> buffer)
    {
        while (true)
        {
            nint read;
            int error;
            fixed (byte* bytes = buffer)
            {
                read = Libc.Receive(Socket.SafeHandle, bytes, (nuint)buffer.Length, 0);
                error = read < 0 ? Marshal.GetLastPInvokeError() : 0;
            }

            if (read >= 0)
            {
                return (int)read;
            }

            if (error == Libc.EAGAIN)
            {
                Libc.Wait(Socket.SafeHandle, Libc.PollIn);
            }
            else if (error != Libc.EINTR)
            {
                throw new IOException($"The connection failed while reading (errno {error}).");
            }
        }
    }

    /// <summary>Reads as <see cref="Read"/> does: it blocks, and the result is there.</summary>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        new(Read(buffer.Span));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            var sent = Send(buffer, 0);
            if (sent < 0)
            {
                Libc.Wait(Socket.SafeHandle, Libc.PollOut);
            }

            buffer = buffer[Math.Max(sent, 0)..];
        }
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (buffer.Length > 0)
        {
            var sent = Send(buffer.Span, Libc.DontWait);
            if (sent < 0)
            {
                return new ValueTask(Task.Factory.StartNew(
                    () => Write(buffer.Span), cancellationToken, TaskCreationOptions.LongRunning,
                    TaskScheduler.Default));
            }

            buffer = buffer[sent..];
        }

        return ValueTask.CompletedTask;
    }

    public override void Flush()
    {
    }

    /// <summary>How many bytes the kernel took; -1 when it has no room.</summary>
    private int Send(ReadOnlySpan<byte> buffer, int flags)
    {
        while (true)
        {
            nint sent;
            int error;
            fixed (byte* bytes = buffer)
            {
                sent = Libc.Send(Socket.SafeHandle, bytes, (nuint)buffer.Length, flags | Libc.NoSignal);
                error = sent < 0 ? Marshal.GetLastPInvokeError() : 0;
            }

            if (sent >= 0)
            {
                return (int)sent;
            }

            if (error == Libc.EAGAIN)
            {
                return -1;
            }

            if (error != Libc.EINTR)
            {
                throw new IOException($"The connection failed while writing (errno {error}).");
            }
        }
    }
}
