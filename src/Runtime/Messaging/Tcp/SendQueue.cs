using System.Buffers.Binary;

namespace Vault.Runtime.Messaging.Tcp;

/// <summary>
/// Frames that wait for the socket, in one buffer, while the one before is being written: what gathers meanwhile leaves
/// with one write. Not for several threads at once.
/// </summary>
internal sealed class SendQueue
{
    private const int InitialBytes = 16 << 10;
    private const int KeptBytes = 256 << 10;
    private byte[] _filling = new byte[InitialBytes];
    private byte[] _leaving = new byte[InitialBytes];

    /// <summary>Bytes that wait.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes that were ever added.</summary>
    public long Added { get; private set; }

    public void Add(ReadOnlySpan<byte> frame)
    {
        var needed = Count + FrameReader.PrefixBytes + frame.Length;
        if (needed > _filling.Length)
        {
            Array.Resize(ref _filling, Math.Max(needed, _filling.Length * 2));
        }

        BinaryPrimitives.WriteInt32LittleEndian(_filling.AsSpan(Count), frame.Length);
        frame.CopyTo(_filling.AsSpan(Count + FrameReader.PrefixBytes));
        Added += needed - Count;
        Count = needed;
    }

    /// <summary>What waits, to be written before the next call.</summary>
    public ReadOnlyMemory<byte> Take()
    {
        var taken = _filling.AsMemory(0, Count);
        var next = _leaving.Length > KeptBytes ? new byte[InitialBytes] : _leaving;
        (_leaving, _filling) = (_filling, next);
        Count = 0;
        return taken;
    }
}
