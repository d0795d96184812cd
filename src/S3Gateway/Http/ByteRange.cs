using System.Globalization;

namespace Vault.S3Gateway.Http;

/// <summary>What a Range header means for a body of a known length.</summary>
internal enum RangeKind
{
    /// <summary>No usable range: the whole body, 200.</summary>
    Whole,

    /// <summary>206.</summary>
    Partial,

    /// <summary>416.</summary>
    Unsatisfiable,
}

/// <summary>One range of bytes. Several ranges and malformed headers mean the whole body, as on S3.</summary>
internal readonly record struct ByteRange(RangeKind Kind, long Offset, long Length)
{
    /// <summary>Reads a header.</summary>
    public static ByteRange Parse(string? header, long size)
    {
        var whole = new ByteRange(RangeKind.Whole, 0, size);
        if (header is null || !header.StartsWith("bytes=", StringComparison.OrdinalIgnoreCase))
            return whole;
        var spec = header.AsSpan("bytes=".Length).Trim();
        var dash = spec.IndexOf('-');
        if (dash < 0 || spec.IndexOf(',') >= 0)
            return whole;
        var first = spec[..dash].Trim();
        var last = spec[(dash + 1)..].Trim();
        if (first.IsEmpty)
            return Suffix(last, size, whole);
        if (!TryNumber(first, out var start))
            return whole;
        var end = long.MaxValue;
        if (!last.IsEmpty && (!TryNumber(last, out end) || end < start))
            return whole;
        return start >= size
            ? new(RangeKind.Unsatisfiable, 0, 0)
            : new(RangeKind.Partial, start, Math.Min(end, size - 1) - start + 1);
    }

    /// <summary>Reads <c>x-amz-copy-source-range</c>: both ends must be given and inside the source.</summary>
    public static bool TryParseCopy(string header, long size, out ByteRange range)
    {
        range = default;
        if (!header.StartsWith("bytes=", StringComparison.Ordinal))
            return false;
        var spec = header.AsSpan("bytes=".Length);
        var dash = spec.IndexOf('-');
        if (dash <= 0 || !TryNumber(spec[..dash], out var start) || !TryNumber(spec[(dash + 1)..], out var end)
            || end < start)
            return false;
        range = end >= size
            ? new(RangeKind.Unsatisfiable, start, 0)
            : new(RangeKind.Partial, start, end - start + 1);
        return true;
    }

    /// <summary>The value of Content-Range.</summary>
    public string ContentRange(long size) =>
        string.Create(CultureInfo.InvariantCulture, $"bytes {Offset}-{Offset + Length - 1}/{size}");

    private static ByteRange Suffix(ReadOnlySpan<char> text, long size, ByteRange whole)
    {
        if (!TryNumber(text, out var count))
            return whole;
        if (count == 0 || size == 0)
            return new(RangeKind.Unsatisfiable, 0, 0);
        count = Math.Min(count, size);
        return new(RangeKind.Partial, size - count, count);
    }

    private static bool TryNumber(ReadOnlySpan<char> text, out long number)
    {
        number = 0;
        if (text.IsEmpty || text.ContainsAnyExceptInRange('0', '9'))
            return false;
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number))
            number = long.MaxValue;
        return true;
    }
}
