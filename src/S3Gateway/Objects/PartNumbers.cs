using System.Globalization;

namespace Vault.S3Gateway.Objects;

/// <summary>Part numbers of requests.</summary>
internal static class PartNumbers
{
    /// <summary>Most parts of an upload, and the largest number.</summary>
    public const int Max = 10_000;

    /// <summary>Reads a number.</summary>
    /// <exception cref="S3Exception">400 InvalidArgument.</exception>
    public static int Parse(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= Max
            ? number
            : throw S3Errors.InvalidArgument.With("Part number must be an integer between 1 and 10000, inclusive")
                .Thrown();
}
