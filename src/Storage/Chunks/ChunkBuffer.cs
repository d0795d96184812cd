using System.Buffers;
using System.Runtime.InteropServices;

namespace Vault.Storage.Chunks;

/// <summary>One buffer of the <see cref="BufferBudget"/>: unmanaged, page aligned, returned by <c>Return</c>.</summary>
public sealed unsafe class ChunkBuffer : MemoryManager<byte>
{
    private const int Alignment = 4096;

    private readonly BufferBudget _budget;
    private byte* _bytes;
    private int _lent;

    internal ChunkBuffer(BufferBudget budget, int capacity, int index)
    {
        _budget = budget;
        Capacity = capacity;
        Class = index;
        _bytes = (byte*)NativeMemory.AlignedAlloc((nuint)capacity, Alignment);
    }

    /// <summary>Bytes in the buffer.</summary>
    public int Capacity { get; }

    internal int Class { get; }

    /// <summary>
    /// Gives the buffer back, exactly once; whoever gets it next may have it already when this returns.
    /// </summary>
    public void Return()
    {
        if (Interlocked.Exchange(ref _lent, 0) == 1) _budget.Return(this);
    }

    /// <inheritdoc/>
    public override Span<byte> GetSpan() => new(_bytes, Capacity);

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0) => new(_bytes + elementIndex);

    /// <inheritdoc/>
    public override void Unpin()
    {
    }

    internal void Lend() => _lent = 1;

    internal void Free()
    {
        NativeMemory.AlignedFree(_bytes);
        _bytes = null;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => Return();
}
