using System.Buffers;

namespace Vault.S3Gateway.Auth;

/// <summary>
/// Headers that a presigned URL carries in its query, as SDKs presign metadata, copies and options: the signature
/// covers them there, so they count as if they had been sent. Checksums are left out, as on AWS: SDKs put there what
/// nothing hashes to, because they presign before there is a body.
/// </summary>
internal static class HoistedHeaders
{
    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");

    /// <summary>Takes them over; true when there were any. A header that was sent stands.</summary>
    /// <exception cref="S3Exception">400: one that cannot be a header.</exception>
    public static bool Take(S3Request request)
    {
        var any = false;
        for (var i = 0; i < request.Query.Count; i++)
        {
            var (name, value) = request.Query[i];
            if (!name.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase) || IsLeftOut(name.ToLowerInvariant()))
                continue;
            if (name.AsSpan().ContainsAnyExcept(NameCharacters) || value.Any(char.IsControl))
                throw S3Errors.InvalidArgument.Thrown();
            any |= request.Headers.TryAdd(name, value);
        }

        return any;
    }

    private static bool IsLeftOut(string name) => name switch
    {
        "x-amz-algorithm" or "x-amz-credential" or "x-amz-date" or "x-amz-expires" or "x-amz-signature"
            or "x-amz-signedheaders" or "x-amz-security-token" or "x-amz-content-sha256"
            or "x-amz-sdk-checksum-algorithm" or "x-amz-trailer" or "x-amz-decoded-content-length" => true,
        "x-amz-checksum-mode" or "x-amz-checksum-algorithm" or "x-amz-checksum-type" => false,
        _ => name.StartsWith("x-amz-checksum-", StringComparison.Ordinal),
    };
}
