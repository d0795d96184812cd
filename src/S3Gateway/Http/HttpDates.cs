using System.Globalization;

namespace Vault.S3Gateway.Http;

/// <summary>Times in headers.</summary>
internal static class HttpDates
{
    private static readonly string[] Formats =
    [
        "r", "ddd, d MMM yyyy HH:mm:ss 'GMT'", "dddd, dd-MMM-yy HH:mm:ss 'GMT'", "ddd MMM d HH:mm:ss yyyy",
        "yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", "ddd, dd MMM yyyy HH:mm:ss zzz",
        "ddd, dd MMM yyyy HH:mm:ss '+0000'",
    ];

    /// <summary>
    /// Reads a condition's time in whole seconds; false when it is not a time, and then the header is ignored.
    /// </summary>
    public static bool TryParse(string text, out long unixSeconds)
    {
        var parsed = DateTimeOffset.TryParseExact(
            text, Formats, CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AllowInnerWhite | DateTimeStyles.AllowLeadingWhite
                | DateTimeStyles.AllowTrailingWhite,
            out var time);
        unixSeconds = time.ToUnixTimeSeconds();
        return parsed;
    }

    /// <summary>A time as Last-Modified writes it.</summary>
    public static string Format(long unixMs) =>
        DateTimeOffset.FromUnixTimeMilliseconds(unixMs).UtcDateTime.ToString("r", CultureInfo.InvariantCulture);
}
