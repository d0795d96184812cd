using System.Buffers;

namespace Vault.Runtime.Messaging;

/// <summary>Where a frame is written before it is sent; each thread keeps one for the next.</summary>
internal sealed class FrameBuffer : IBufferWriter<byte>
{
    private const int KeptBytes = 64 << 10;

    [ThreadStatic]
    private static FrameBuffer? t_kept;
    private byte[] _bytes = new byte[1024];
    private int _count;

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _count);

    public static FrameBuffer Rent()
    {
        var kept = t_kept ?? new FrameBuffer();
        t_kept = null;
        kept._count = 0;
        return kept;
    }

    public void Return()
    {
        if (_bytes.Length <= KeptBytes)
        {
            t_kept = this;
        }
    }

    public void Advance(int count) => _count += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Ensure(sizeHint);
        return _bytes.AsMemory(_count);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Ensure(sizeHint);
        return _bytes.AsSpan(_count);
    }

    private void Ensure(int sizeHint)
    {
        var needed = _count + Math.Max(sizeHint, 1);
        if (needed > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(needed, _bytes.Length * 2));
        }
    }
}
