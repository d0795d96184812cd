using System.Globalization;
using System.Text;
using Vault.Protocol.Ids;
using Vault.S3Gateway.Routing;

namespace Vault.S3Gateway.Objects;

/// <summary>Parameters that listings share.</summary>
internal static class ListParameters
{
    /// <summary>Most entries of one page.</summary>
    public const int MaxKeys = 1000;

    /// <summary>Reads a limit; more than the most means the most.</summary>
    /// <exception cref="S3Exception">400 InvalidArgument.</exception>
    public static int Limit(string name, string? text, int least = 0, int most = MaxKeys)
    {
        if (string.IsNullOrEmpty(text))
            return most;
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            throw S3Errors.InvalidArgument.With($"Provided {name} not an integer or within integer range").Thrown();
        if (number < least || number > int.MaxValue)
        {
            throw S3Errors.InvalidArgument
                .With($"Argument {name} must be an integer between {least} and 2147483647").Thrown();
        }

        return (int)Math.Min(number, most);
    }

    /// <summary>Whether names are to be percent-encoded.</summary>
    /// <exception cref="S3Exception">400 InvalidArgument: an encoding other than <c>url</c>.</exception>
    public static bool IsUrlEncoded(S3Query query) => query["encoding-type"] switch
    {
        null or "" => false,
        "url" => true,
        _ => throw S3Errors.InvalidArgument.With("Invalid Encoding Method specified in Request").Thrown(),
    };

    /// <summary>A prefix, delimiter or marker as bytes.</summary>
    /// <exception cref="S3Exception">400 KeyTooLongError: longer than any key.</exception>
    public static byte[] Bytes(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return [];
        var bytes = Encoding.UTF8.GetBytes(text);
        return bytes.Length <= ObjectKey.MaxBytes ? bytes : throw S3Errors.KeyTooLong.Thrown();
    }
}
