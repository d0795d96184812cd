namespace Vault.Storage.Tests.Volumes.PowerCut;

/// <summary>One file's contents: what processes see, and what is on the platter.</summary>
internal sealed class FakeInode
{
    private const int BlockBytes = 512;

    private readonly HashSet<int> _dirty = [];
    private byte[] _cached = [], _durable = [];
    private int _durableSize;

    public int Size { get; private set; }

    public int Read(Span<byte> buffer, long offset)
    {
        if (offset >= Size)
            return 0;
        var count = Math.Min(buffer.Length, Size - (int)offset);
        _cached.AsSpan((int)offset, count).CopyTo(buffer);
        return count;
    }

    public void Write(ReadOnlySpan<byte> data, long offset)
    {
        if (data.IsEmpty)
            return;
        var end = (int)offset + data.Length;
        if (end > Size)
            Resize(end);
        data.CopyTo(_cached.AsSpan((int)offset));
        for (var block = (int)offset / BlockBytes; block <= (end - 1) / BlockBytes; block++)
            _dirty.Add(block);
    }

    public void Resize(int size)
    {
        if (size > _cached.Length)
            Array.Resize(ref _cached, size);
        if (size < Size)
        {
            _cached.AsSpan(size, Size - size).Clear();
            for (var block = size / BlockBytes; block <= (Size - 1) / BlockBytes; block++)
                _dirty.Add(block);
        }

        Size = size;
    }

    public void Sync()
    {
        Settle(Size, static _ => true);
    }

    /// <summary>Any subset of the unsynced blocks reached the platter; an unsynced size may have, too.</summary>
    public void CutPower(Random random, double keep)
    {
        var size = Size == _durableSize || random.NextDouble() < keep ? Size : _durableSize;
        Settle(size, _ => random.NextDouble() < keep);
        Size = size;
        _cached = _durable.ToArray();
    }

    private void Settle(int size, Func<int, bool> keeps)
    {
        if (size > _durable.Length)
            Array.Resize(ref _durable, size);
        if (size < _durableSize)
            _durable.AsSpan(size).Clear();
        foreach (var block in _dirty)
        {
            var start = block * BlockBytes;
            if (start >= size || start >= _cached.Length || !keeps(block))
                continue;
            _cached.AsSpan(start, Math.Min(BlockBytes, Math.Min(size, _cached.Length) - start))
                .CopyTo(_durable.AsSpan(start));
        }

        _durableSize = size;
        _dirty.Clear();
    }
}
