using System.Buffers.Text;
using System.Security.Cryptography;
using Vault.Protocol.Ids;

namespace Vault.S3Gateway.Objects;

/// <summary>
/// Opaque tokens of listings: base64url(01 ‖ first 4 bytes of SHA-256(last) ‖ last). The digest only tells a token
/// from something else; what it names is checked like any other request's parameter.
/// </summary>
internal static class ContinuationToken
{
    private const byte Version = 1;
    private const int DigestBytes = 4;
    private const int HeaderBytes = 1 + DigestBytes;

    /// <summary>The token that goes on after <paramref name="last"/>.</summary>
    public static string Encode(ReadOnlySpan<byte> last)
    {
        Span<byte> token = stackalloc byte[HeaderBytes + ObjectKey.MaxBytes];
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(last, digest);
        token[0] = Version;
        digest[..DigestBytes].CopyTo(token[1..]);
        last.CopyTo(token[HeaderBytes..]);
        return Base64Url.EncodeToString(token[..(HeaderBytes + last.Length)]);
    }

    /// <summary>What the token goes on after; empty for no token.</summary>
    /// <exception cref="S3Exception">400 InvalidArgument.</exception>
    public static byte[] Decode(string? token)
    {
        if (string.IsNullOrEmpty(token))
            return [];
        Span<byte> bytes = stackalloc byte[HeaderBytes + ObjectKey.MaxBytes];
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        if (token.Length > Base64Url.GetEncodedLength(bytes.Length) || !Base64Url.IsValid(token)
            || !Base64Url.TryDecodeFromChars(token, bytes, out var length) || length < HeaderBytes
            || bytes[0] != Version)
            throw Incorrect();
        SHA256.HashData(bytes[HeaderBytes..length], digest);
        return bytes[1..HeaderBytes].SequenceEqual(digest[..DigestBytes])
            ? bytes[HeaderBytes..length].ToArray()
            : throw Incorrect();
    }

    private static S3Exception Incorrect() =>
        S3Errors.InvalidArgument.With("The continuation token provided is incorrect").Thrown();
}
