using System.Globalization;

namespace Vault.Protocol.SigV4;

/// <summary>Times as signatures write them: <c>yyyyMMddTHHmmssZ</c>.</summary>
public static class SigV4Time
{
    /// <summary>Length of the text.</summary>
    public const int Length = 16;

    /// <summary>Reads the text strictly.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out DateTimeOffset time)
    {
        time = default;
        if (text.Length != Length || text[8] != 'T' || text[15] != 'Z'
            || !TryDigits(text[..4], out var year) || !TryDigits(text[4..6], out var month)
            || !TryDigits(text[6..8], out var day) || !TryDigits(text[9..11], out var hour)
            || !TryDigits(text[11..13], out var minute) || !TryDigits(text[13..15], out var second))
            return false;
        if (year == 0 || month is 0 or > 12 || day == 0 || day > DateTime.DaysInMonth(year, month)
            || hour > 23 || minute > 59 || second > 59)
            return false;
        time = new DateTimeOffset(year, month, day, hour, minute, second, TimeSpan.Zero);
        return true;
    }

    /// <summary>Writes the text.</summary>
    public static string Format(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);

    /// <summary>Reads a <c>Date</c> header: RFC 1123, or the text above.</summary>
    internal static bool TryParseHttpDate(ReadOnlySpan<char> text, out DateTimeOffset time) =>
        TryParse(text, out time)
        || DateTimeOffset.TryParseExact(
            text, "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);

    private static bool TryDigits(ReadOnlySpan<char> text, out int value)
    {
        value = 0;
        foreach (var c in text)
        {
            if (!char.IsAsciiDigit(c))
                return false;
            value = (value * 10) + (c - '0');
        }

        return true;
    }
}
