using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Vault.Protocol.Checksums;
using Vault.S3Gateway.Routing;

namespace Vault.S3Gateway;

/// <summary>Writes answers as UTF-8 XML into one pooled buffer; dispose it after the bytes were sent.</summary>
internal sealed class S3XmlWriter : IBufferWriter<byte>, IDisposable
{
    private static readonly SearchValues<byte> Special = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Select(b => (byte)b), (byte)'&', (byte)'<', (byte)'>', (byte)'"', 0x7f]);

    private byte[] buffer = ArrayPool<byte>.Shared.Rent(4096);
    private int length;

    /// <summary>What was written.</summary>
    public ReadOnlyMemory<byte> Written => buffer.AsMemory(0, length);

    /// <summary>Writes the declaration and opens the root element in S3's namespace.</summary>
    public void StartDocument(ReadOnlySpan<byte> root)
    {
        Raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<"u8);
        Raw(root);
        Raw(" xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"u8);
    }

    /// <summary>Writes the declaration and opens the root element without a namespace, as errors are.</summary>
    public void StartPlainDocument(ReadOnlySpan<byte> root)
    {
        Raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"u8);
        Start(root);
    }

    public void Start(ReadOnlySpan<byte> name)
    {
        Raw("<"u8);
        Raw(name);
        Raw(">"u8);
    }

    public void End(ReadOnlySpan<byte> name)
    {
        Raw("</"u8);
        Raw(name);
        Raw(">"u8);
    }

    public void Element(ReadOnlySpan<byte> name, ReadOnlySpan<byte> utf8)
    {
        Start(name);
        Text(utf8);
        End(name);
    }

    public void Element(ReadOnlySpan<byte> name, string? text)
    {
        Start(name);
        Text(text);
        End(name);
    }

    public void Element(ReadOnlySpan<byte> name, long number)
    {
        Start(name);
        Utf8Formatter.TryFormat(number, GetSpan(20), out var written);
        Advance(written);
        End(name);
    }

    public void Element(ReadOnlySpan<byte> name, bool value) => Element(name, value ? "true"u8 : "false"u8);

    /// <summary>A time as listings write it: <c>2026-01-31T23:59:59.000Z</c>.</summary>
    public void Time(ReadOnlySpan<byte> name, long unixMs)
    {
        Start(name);
        var time = DateTimeOffset.FromUnixTimeMilliseconds(unixMs);
        var text = GetSpan(24);
        "0000-00-00T00:00:00.000Z"u8.CopyTo(text);
        Digits(text[..4], time.Year);
        Digits(text[5..7], time.Month);
        Digits(text[8..10], time.Day);
        Digits(text[11..13], time.Hour);
        Digits(text[14..16], time.Minute);
        Digits(text[17..19], time.Second);
        Digits(text[20..23], time.Millisecond);
        Advance(24);
        End(name);
    }

    /// <summary>An entity tag in its quotes.</summary>
    public void EntityTag(ETag etag)
    {
        Raw("<ETag>&quot;"u8);
        Span<byte> md5 = stackalloc byte[ETag.Md5Size];
        etag.WriteTo(md5);
        Convert.TryToHexStringLower(md5, GetSpan(2 * ETag.Md5Size), out var written);
        Advance(written);
        if (etag.Parts > 0)
        {
            Raw("-"u8);
            Utf8Formatter.TryFormat(etag.Parts, GetSpan(5), out written);
            Advance(written);
        }

        Raw("&quot;</ETag>"u8);
    }

    /// <summary>A name that <c>encoding-type=url</c> would encode.</summary>
    public void Name(ReadOnlySpan<byte> name, ReadOnlySpan<byte> utf8, bool urlEncoded)
    {
        Start(name);
        if (urlEncoded)
            PercentText.Append(this, utf8);
        else
            Text(utf8);
        End(name);
    }

    public void Text(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return;
        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        var rented = ArrayPool<byte>.Shared.Rent(most);
        Text(rented.AsSpan(0, Encoding.UTF8.GetBytes(text, rented)));
        ArrayPool<byte>.Shared.Return(rented);
    }

    /// <summary>
    /// Escapes what XML must not hold as it is; control characters become references, as AWS writes them.
    /// </summary>
    public void Text(ReadOnlySpan<byte> utf8)
    {
        while (true)
        {
            var special = utf8.IndexOfAny(Special);
            if (special < 0)
            {
                Raw(utf8);
                return;
            }

            Raw(utf8[..special]);
            switch (utf8[special])
            {
                case (byte)'&': Raw("&amp;"u8); break;
                case (byte)'<': Raw("&lt;"u8); break;
                case (byte)'>': Raw("&gt;"u8); break;
                case (byte)'"': Raw("&quot;"u8); break;
                case var control:
                    Raw("&#x"u8);
                    Utf8Formatter.TryFormat(control, GetSpan(4), out var written, new StandardFormat('x'));
                    Advance(written);
                    Raw(";"u8);
                    break;
            }

            utf8 = utf8[(special + 1)..];
        }
    }

    public void Raw(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(GetSpan(bytes.Length));
        Advance(bytes.Length);
    }

    public void Advance(int count) => length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Grow(sizeHint);
        return buffer.AsMemory(length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Grow(sizeHint);
        return buffer.AsSpan(length);
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = [];
        length = 0;
    }

    private static void Digits(Span<byte> text, int number)
    {
        for (var i = text.Length - 1; i >= 0; i--)
        {
            (number, var digit) = Math.DivRem(number, 10);
            text[i] = (byte)('0' + digit);
        }
    }

    private void Grow(int room)
    {
        if (buffer.Length - length >= Math.Max(room, 1))
            return;
        var bigger = ArrayPool<byte>.Shared.Rent(Math.Max(buffer.Length * 2, length + room));
        buffer.AsSpan(0, length).CopyTo(bigger);
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = bigger;
    }
}
