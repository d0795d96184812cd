namespace Vault.Storage.Volumes;

/// <summary>
/// Walks the headers of a log without reading bodies. After a damaged stretch it goes on at the next header that is
/// valid at its own offset under the log's salt, so that a body which imitates records is never taken for one.
/// </summary>
internal sealed class LogScanner(IVolumeFile file, LogHeader log, long limit)
{
    /// <summary>No group of appends is longer, so a valid header is never further from the one before it.</summary>
    internal const long LongestGap = 160L << 20;

    private const int LargeWindow = 256 << 10, SmallWindow = 4 << 10;

    private readonly byte[] _window = new byte[LargeWindow];
    private long _windowStart, _position = LogHeader.Bytes;
    private int _windowLength;

    /// <summary>Offset of the current record.</summary>
    public long Offset { get; private set; }

    /// <summary>Bytes skipped as damaged directly before the current record.</summary>
    public long SkippedBytes { get; private set; }

    /// <summary>After the end: whether anything but zeros follows the last valid record.</summary>
    public bool TailDirty { get; private set; }

    public bool Next(out RecordHeader header)
    {
        SkippedBytes = 0;
        if (!TryAt(_position, out header) && !Resynchronise(out header))
            return false;
        Offset = _position;
        _position += header.TotalBytes;
        return true;
    }

    private bool TryAt(long offset, out RecordHeader header)
    {
        var bytes = Peek(offset, RecordHeader.Bytes);
        return RecordHeader.TryRead(bytes, log.Salt, offset, out header)
            && offset + RecordHeader.Bytes + header.BodyBytes <= limit;
    }

    private bool Resynchronise(out RecordHeader header)
    {
        header = default;
        var from = _position;
        var end = Math.Min(limit, from + LongestGap);
        for (var at = from; at + RecordHeader.Bytes <= end; at += RecordHeader.Alignment)
        {
            var zeros = ZerosFrom(at, end);
            if (zeros >= RecordHeader.Alignment)
            {
                at += zeros / RecordHeader.Alignment * RecordHeader.Alignment - RecordHeader.Alignment;
                continue;
            }

            TailDirty = true;
            if (at > from && TryAt(at, out header))
            {
                SkippedBytes = at - from;
                _position = at;
                TailDirty = false;
                return true;
            }
        }

        return false;
    }

    /// <summary>How many zero bytes lie in the window from an offset on.</summary>
    private long ZerosFrom(long offset, long end)
    {
        var bytes = Peek(offset, (int)Math.Min(SmallWindow, end - offset));
        var other = bytes.IndexOfAnyExcept((byte)0);
        return other < 0 ? bytes.Length : other;
    }

    /// <summary>Bytes at an offset; fewer than asked for only at the end of the log.</summary>
    private ReadOnlySpan<byte> Peek(long offset, int count)
    {
        count = (int)Math.Max(0, Math.Min(count, limit - offset));
        if (offset < _windowStart || offset + count > _windowStart + _windowLength)
        {
            // A jump over a large body reads little; records lying close together are read in one sweep.
            var sequential = offset >= _windowStart && offset - (_windowStart + _windowLength) < LargeWindow / 4;
            var size = (int)Math.Min(sequential ? LargeWindow : Math.Max(SmallWindow, count), limit - offset);
            _windowStart = offset;
            _windowLength = size <= 0 ? 0 : file.Read(_window.AsSpan(0, size), offset);
        }

        var available = Math.Clamp((int)(_windowStart + _windowLength - offset), 0, count);
        return _window.AsSpan((int)(offset - _windowStart), available);
    }
}
