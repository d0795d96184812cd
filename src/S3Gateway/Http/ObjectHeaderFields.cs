using System.Collections.Immutable;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Vault.Protocol.Keys;

namespace Vault.S3Gateway.Http;

/// <summary>The headers that are stored with an object and given back: reading them, and writing them.</summary>
internal static class ObjectHeaderFields
{
    private const string MetadataPrefix = "x-amz-meta-";
    private const int MaxMetadataBytes = 2048;

    /// <summary>Reads what a write carries.</summary>
    /// <exception cref="S3Exception">More than 2 KiB of user metadata, or a value that is too long.</exception>
    public static ObjectHeaders Read(IHeaderDictionary headers)
    {
        var contentType = One(headers.ContentType);
        var encoding = WithoutAwsChunked(One(headers.ContentEncoding));
        var cacheControl = One(headers.CacheControl);
        var disposition = One(headers.ContentDisposition);
        var language = One(headers.ContentLanguage);
        var expires = One(headers.Expires);
        var metadata = ReadMetadata(headers);
        if (contentType is null && encoding is null && cacheControl is null && disposition is null
            && language is null && expires is null && metadata.IsEmpty)
            return ObjectHeaders.Empty;
        return new ObjectHeaders
        {
            ContentType = contentType,
            ContentEncoding = encoding,
            CacheControl = cacheControl,
            ContentDisposition = disposition,
            ContentLanguage = language,
            Expires = expires,
            UserMetadata = metadata,
        };
    }

    /// <summary>Writes what a read gives back.</summary>
    public static void Write(IHeaderDictionary to, ObjectHeaders from)
    {
        to.ContentType = from.ContentType ?? "binary/octet-stream";
        if (from.ContentEncoding is { } encoding)
            to.ContentEncoding = encoding;
        if (from.CacheControl is { } cacheControl)
            to.CacheControl = cacheControl;
        if (from.ContentDisposition is { } disposition)
            to.ContentDisposition = disposition;
        if (from.ContentLanguage is { } language)
            to.ContentLanguage = language;
        if (from.Expires is { } expires)
            to.Expires = expires;
        foreach (var (name, value) in from.UserMetadata)
            to[MetadataPrefix + name] = value;
    }

    /// <summary>The encodings without <c>aws-chunked</c>, which is only how the bytes travelled.</summary>
    public static string? WithoutAwsChunked(string? encoding)
    {
        if (encoding is null || !encoding.Contains("aws-chunked", StringComparison.OrdinalIgnoreCase))
            return encoding;
        var kept = encoding.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(item => !item.Equals("aws-chunked", StringComparison.OrdinalIgnoreCase));
        var rest = string.Join(',', kept);
        return rest.Length == 0 ? null : rest;
    }

    private static ImmutableArray<KeyValuePair<string, string>> ReadMetadata(IHeaderDictionary headers)
    {
        ImmutableArray<KeyValuePair<string, string>>.Builder? found = null;
        var bytes = 0;
        foreach (KeyValuePair<string, StringValues> header in headers)
        {
            if (!header.Key.StartsWith(MetadataPrefix, StringComparison.OrdinalIgnoreCase))
                continue;
            var name = header.Key[MetadataPrefix.Length..].ToLowerInvariant();
            var value = header.Value.ToString();
            bytes += name.Length + Encoding.UTF8.GetByteCount(value);
            found ??= ImmutableArray.CreateBuilder<KeyValuePair<string, string>>();
            found.Add(new(name, value));
        }

        return bytes > MaxMetadataBytes ? throw S3Errors.MetadataTooLarge.Thrown() : found?.ToImmutable() ?? [];
    }

    private static string? One(StringValues values)
    {
        if (values.Count == 0)
            return null;
        var value = values.ToString();
        if (value.Length > ObjectHeaders.MaxValueBytes / 4
            && Encoding.UTF8.GetByteCount(value) > ObjectHeaders.MaxValueBytes)
            throw S3Errors.HeadersTooLarge.Thrown();
        return value.Length == 0 ? null : value;
    }
}
