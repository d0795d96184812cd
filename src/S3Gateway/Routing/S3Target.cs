using System.Buffers;
using System.Net;
using Vault.Protocol.Ids;
using Vault.Protocol.SigV4;

namespace Vault.S3Gateway.Routing;

/// <summary>
/// Bucket, key and query of a request, read from the raw request target and the Host header: a path that a server
/// decoded or normalised would name another key (decisions §6.1).
/// </summary>
internal readonly struct S3Target
{
    private const string PathAlias = "/s3/";

    private S3Target(string bucket, ObjectKey? key, S3Query query)
    {
        Bucket = bucket;
        Key = key;
        Query = query;
    }

    /// <summary>Bucket name as sent, unchecked; empty at the service's own address.</summary>
    public string Bucket { get; }

    /// <summary>The key, or null at a bucket's own address.</summary>
    public ObjectKey? Key { get; }

    /// <summary>The decoded query.</summary>
    public S3Query Query { get; }

    /// <summary>Reads a target.</summary>
    /// <param name="rawTarget">Exactly as on the wire.</param>
    /// <param name="host">The Host header, with its port.</param>
    /// <param name="domains">Domains whose subdomains are buckets, lower case, without a leading dot.</param>
    /// <exception cref="S3Exception">A malformed escape, a key that is too long or not UTF-8.</exception>
    public static S3Target Parse(string rawTarget, string host, IReadOnlyList<string> domains)
    {
        RequestTarget.Split(rawTarget, out var path, out var rawQuery);
        var query = S3Query.Parse(rawQuery);
        var bucket = BucketOfHost(host, domains);
        if (bucket.Length > 0)
            return new(bucket, DecodeKey(path[1..]), query);
        if (path.StartsWith(PathAlias, StringComparison.Ordinal))
            path = path[(PathAlias.Length - 1)..];
        var rest = path[1..];
        var slash = rest.IndexOf('/');
        var name = slash < 0 ? rest : rest[..slash];
        return new(DecodeBucket(name), slash < 0 ? null : DecodeKey(rest[(slash + 1)..]), query);
    }

    /// <summary>Reads <c>x-amz-copy-source</c>: <c>[/]bucket/key[?versionId=id]</c>, percent-encoded.</summary>
    public static (string Bucket, ObjectKey Key, string? VersionId) ParseCopySource(string header)
    {
        var source = header.AsSpan();
        if (source.StartsWith('/'))
            source = source[1..];
        string? version = null;
        var mark = source.IndexOf("?versionId=", StringComparison.Ordinal);
        if (mark >= 0)
        {
            version = source[(mark + "?versionId=".Length)..].ToString();
            source = source[..mark];
        }

        if (source.IndexOf('/') < 0)
        {
            var escaped = source.IndexOf("%2F", StringComparison.OrdinalIgnoreCase);
            return escaped <= 0
                ? throw BadCopySource()
                : (
                    DecodeBucket(source[..escaped]), DecodeKey(source[(escaped + 3)..]) ?? throw BadCopySource(),
                    version);
        }

        var slash = source.IndexOf('/');
        if (slash <= 0)
            throw BadCopySource();
        return (DecodeBucket(source[..slash]), DecodeKey(source[(slash + 1)..]) ?? throw BadCopySource(), version);
    }

    private static S3Exception BadCopySource() => S3Errors.InvalidArgument
        .With("Copy Source must mention the source bucket and key: sourcebucket/sourcekey").Thrown();

    private static string BucketOfHost(ReadOnlySpan<char> host, IReadOnlyList<string> domains)
    {
        if (domains.Count == 0)
            return "";
        var colon = host.LastIndexOf(':');
        if (colon >= 0 && host[colon..].IndexOf(']') < 0)
            host = host[..colon];
        foreach (var domain in domains)
        {
            if (host.Length > domain.Length + 1
                && host.EndsWith(domain, StringComparison.OrdinalIgnoreCase)
                && host[^(domain.Length + 1)] == '.'
                && !IPAddress.TryParse(host, out _))
                return host[..^(domain.Length + 1)].ToString().ToLowerInvariant();
        }

        return "";
    }

    private static string DecodeBucket(ReadOnlySpan<char> encoded)
    {
        if (encoded.IndexOf('%') < 0)
            return encoded.ToString();
        Span<byte> utf8 = stackalloc byte[256];
        if (encoded.Length > 256)
            throw S3Errors.InvalidBucketName.Thrown();
        var length = PercentText.Decode(encoded, utf8);
        return length < 0 ? throw S3Errors.InvalidUri.Thrown() : System.Text.Encoding.UTF8.GetString(utf8[..length]);
    }

    private static ObjectKey? DecodeKey(ReadOnlySpan<char> encoded)
    {
        if (encoded.IsEmpty)
            return null;
        byte[]? rented = null;
        var most = encoded.Length * 3;
        var utf8 = most <= 1024 ? stackalloc byte[1024] : (rented = ArrayPool<byte>.Shared.Rent(most));
        try
        {
            var length = PercentText.Decode(encoded, utf8);
            if (length < 0)
                throw S3Errors.InvalidUri.Thrown();
            if (length > ObjectKey.MaxBytes)
                throw S3Errors.KeyTooLong.Thrown();
            return ObjectKey.TryParse(utf8[..length], out var key) ? key : throw S3Errors.InvalidUri.Thrown();
        }
        finally
        {
            if (rented is not null)
                ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
