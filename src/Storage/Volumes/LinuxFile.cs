using System.Buffers;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Vault.Storage.Volumes;

/// <summary>One file of the operating system, used by positional reads and gathered positional writes.</summary>
internal sealed unsafe class LinuxFile : IVolumeFile
{
    private const int MostVectors = 1024; // IOV_MAX
    private const int StepBytes = 1 << 20, PageBytes = 4096;

    private readonly SafeFileHandle _file;
    private readonly string _path;
    private readonly MemoryHandle[] _pins = new MemoryHandle[MostVectors];
    private readonly Libc.IoVector[] _vectors = new Libc.IoVector[MostVectors];

    public LinuxFile(string path, FileMode mode)
    {
        _path = path;
        _file = File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
    }

    public long Length => RandomAccess.GetLength(_file);

    public int Read(Span<byte> buffer, long offset)
    {
        var total = 0;
        while (total < buffer.Length)
        {
            var read = RandomAccess.Read(_file, buffer[total..], offset + total);
            if (read == 0)
                break;
            total += read;
        }

        return total;
    }

    public bool TryReadCached(Span<byte> buffer, long offset, out int read)
    {
        fixed (byte* start = buffer)
        {
            var vector = new Libc.IoVector { Base = start, Length = (nuint)buffer.Length };
            read = (int)Libc.ReadVector(_file, &vector, 1, offset, Libc.RwfNoWait);
        }

        return read == buffer.Length;
    }

    public void Write(ReadOnlySpan<byte> buffer, long offset) => RandomAccess.Write(_file, buffer, offset);

    public void Write(ReadOnlySpan<ReadOnlyMemory<byte>> buffers, long offset)
    {
        long left = 0, handedOver = offset & -PageBytes;
        foreach (var buffer in buffers)
            left += buffer.Length;
        for (var start = 0; !buffers.IsEmpty;)
        {
            var written = WriteStep(ref buffers, ref start, offset);
            (offset, left) = (offset + written, left - written);
            if (left < StepBytes)
                continue;

            // The disk works while we copy on. The last page isn't full yet: it would have to be written twice.
            var whole = (offset & -PageBytes) - handedOver;
            _ = Libc.SyncRange(_file, handedOver, whole, Libc.SyncRangeWrite);
            handedOver += whole;
        }
    }

    public void Allocate(long bytes)
    {
        while (Libc.Allocate(_file, 0, 0, bytes) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error == Libc.ENotSupported)
            {
                RandomAccess.SetLength(_file, bytes);
                return;
            }

            if (error != Libc.EIntr)
                throw Libc.Failure($"fallocate {_path}", error);
        }
    }

    public void SetLength(long bytes) => RandomAccess.SetLength(_file, bytes);

    public void Sync(SyncPoint point)
    {
        while (Libc.DataSync(_file) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error != Libc.EIntr)
                throw Libc.Failure($"fdatasync {_path}", error);
        }
    }

    public void Dispose() => _file.Dispose();

    /// <summary>Writes about one step's bytes and moves past them.</summary>
    private long WriteStep(ref ReadOnlySpan<ReadOnlyMemory<byte>> buffers, ref int start, long offset)
    {
        long total = 0;
        var pinned = 0;
        try
        {
            while (!buffers.IsEmpty && pinned < MostVectors && total < StepBytes)
            {
                var length = (int)Math.Min(buffers[0].Length - start, StepBytes);
                _pins[pinned] = buffers[0].Slice(start, length).Pin();
                _vectors[pinned] = new() { Base = _pins[pinned++].Pointer, Length = (nuint)length };
                total += length;
                start += length;
                if (start < buffers[0].Length)
                    continue;
                buffers = buffers[1..];
                start = 0;
            }

            WriteVectors(pinned, offset, total);
            return total;
        }
        finally
        {
            for (var i = 0; i < pinned; i++)
                _pins[i].Dispose();
        }
    }

    private void WriteVectors(int count, long offset, long total)
    {
        fixed (Libc.IoVector* vectors = _vectors)
        {
            var first = 0;
            while (total > 0)
            {
                var written = Libc.WriteVector(_file, vectors + first, count - first, offset);
                if (written < 0)
                {
                    var error = Marshal.GetLastPInvokeError();
                    if (error == Libc.EIntr)
                        continue;
                    throw Libc.Failure($"pwritev {_path}", error);
                }

                total -= written;
                offset += written;
                for (; first < count && (nuint)written >= vectors[first].Length; first++)
                    written -= (nint)vectors[first].Length;
                if (written > 0)
                {
                    vectors[first].Base = (byte*)vectors[first].Base + written;
                    vectors[first].Length -= (nuint)written;
                }
            }
        }
    }
}
