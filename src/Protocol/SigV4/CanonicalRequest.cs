using System.Collections.Frozen;

namespace Vault.Protocol.SigV4;

/// <summary>Builds the canonical request by S3's rules: the path is encoded once and never normalised.</summary>
/// <remarks>docs/spec/sigv4.md, section 2.</remarks>
internal static class CanonicalRequest
{
    private static readonly FrozenDictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> KnownNames =
        FrozenDictionary.ToFrozenDictionary(
            [
                "host", "range", "date", "content-type", "content-md5", "content-length", "content-encoding",
                "cache-control", "content-disposition", "content-language", "expect", "expires", "if-match",
                "if-none-match", "if-modified-since", "if-unmodified-since", "user-agent", "accept-encoding",
                "amz-sdk-invocation-id", "amz-sdk-request", "transfer-encoding", "x-amz-date", "x-amz-content-sha256",
                "x-amz-security-token", "x-amz-acl", "x-amz-copy-source", "x-amz-metadata-directive", "x-amz-trailer",
                "x-amz-decoded-content-length", "x-amz-sdk-checksum-algorithm", "x-amz-checksum-mode",
                "x-amz-checksum-algorithm", "x-amz-checksum-crc32", "x-amz-checksum-crc32c", "x-amz-checksum-crc64nvme",
                "x-amz-checksum-sha1", "x-amz-checksum-sha256", "x-amz-storage-class", "x-amz-user-agent",
            ],
            name => name,
            StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Appends the canonical request.</summary>
    /// <param name="to">Where it goes.</param>
    /// <param name="request">The request.</param>
    /// <param name="signedHeaders">Names separated by semicolons, used as they are.</param>
    /// <param name="payload">The payload line.</param>
    /// <param name="isPresigned">Leaves <c>X-Amz-Signature</c> out of the query.</param>
    /// <param name="verbatimPath">Takes the path's bytes as sent, for clients that sign what they send.</param>
    public static void Append<TRequest>(
        ref ByteBuilder to,
        in TRequest request,
        scoped ReadOnlySpan<char> signedHeaders,
        scoped ReadOnlySpan<char> payload,
        bool isPresigned,
        bool verbatimPath)
        where TRequest : ISigV4Request, allows ref struct
    {
        RequestTarget.Split(request.RawTarget, out var path, out var query);
        to.Append(request.Method);
        to.Append((byte)'\n');
        if (verbatimPath)
            to.Append(path);
        else
            UriText.AppendCanonical(ref to, path, isPath: true);
        to.Append((byte)'\n');
        CanonicalQuery.Append(ref to, query, isPresigned);
        to.Append((byte)'\n');
        AppendHeaders(ref to, request, signedHeaders);
        to.Append((byte)'\n');
        to.Append(signedHeaders);
        to.Append((byte)'\n');
        to.Append(payload);
    }

    private static void AppendHeaders<TRequest>(
        ref ByteBuilder to, in TRequest request, scoped ReadOnlySpan<char> signedHeaders)
        where TRequest : ISigV4Request, allows ref struct
    {
        while (!signedHeaders.IsEmpty)
        {
            var end = signedHeaders.IndexOf(';');
            var name = end < 0 ? signedHeaders : signedHeaders[..end];
            signedHeaders = end < 0 ? [] : signedHeaders[(end + 1)..];
            var values = request.GetHeader(KnownNames.TryGetValue(name, out var known) ? known : name.ToString());
            to.Append(name);
            to.Append((byte)':');
            for (var i = 0; i < values.Count; i++)
            {
                if (i > 0)
                    to.Append((byte)',');
                AppendValue(ref to, values[i].AsSpan().Trim(" \t"));
            }

            to.Append((byte)'\n');
        }
    }

    /// <summary>Runs of spaces become one.</summary>
    private static void AppendValue(ref ByteBuilder to, scoped ReadOnlySpan<char> value)
    {
        int twice;
        while ((twice = value.IndexOf("  ", StringComparison.Ordinal)) >= 0)
        {
            to.Append(value[..(twice + 1)]);
            value = value[twice..].TrimStart(' ');
        }

        to.Append(value);
    }
}
