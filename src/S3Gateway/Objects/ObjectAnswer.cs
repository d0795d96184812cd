using Vault.Protocol.Checksums;
using Vault.Protocol.Keys;
using Vault.S3Gateway.Http;

namespace Vault.S3Gateway.Objects;

/// <summary>The headers that reads of objects answer with.</summary>
internal static class ObjectAnswer
{
    private static readonly (string Parameter, string Header)[] Overrides =
    [
        ("response-cache-control", "Cache-Control"), ("response-content-disposition", "Content-Disposition"),
        ("response-content-encoding", "Content-Encoding"), ("response-content-language", "Content-Language"),
        ("response-content-type", "Content-Type"), ("response-expires", "Expires"),
    ];

    /// <summary>An entity tag as headers and documents show it.</summary>
    public static string Quoted(ETag etag) => etag.Parts == 0
        ? string.Create(34, etag, static (text, tag) =>
        {
            Span<byte> md5 = stackalloc byte[ETag.Md5Size];
            tag.WriteTo(md5);
            text[0] = text[^1] = '"';
            Convert.TryToHexStringLower(md5, text[1..], out _);
        })
        : $"\"{etag}\"";

    /// <summary>What identifies the version: also part of 304 and 412.</summary>
    public static void WriteIdentity(S3Request request, ObjectHead head, long modifiedMs)
    {
        var headers = request.Http.Response.Headers;
        headers.ETag = Quoted(head.ETag);
        headers.LastModified = HttpDates.Format(modifiedMs);
        headers.AcceptRanges = "bytes";
    }

    /// <summary>What describes the version.</summary>
    /// <exception cref="S3Exception">400: an override that cannot be a header.</exception>
    public static void WriteDescription(S3Request request, ObjectHead head, bool whole)
    {
        var headers = request.Http.Response.Headers;
        ObjectHeaderFields.Write(headers, head.Headers);
        headers["x-amz-server-side-encryption"] = "AES256";
        if (whole && head.Checksum.Algorithm != ChecksumAlgorithm.None
            && string.Equals(request.Header("x-amz-checksum-mode"), "ENABLED", StringComparison.OrdinalIgnoreCase))
        {
            headers[head.Checksum.Algorithm.HeaderName()] = head.Checksum.ToString();
            headers["x-amz-checksum-type"] = head.Checksum.Type.WireName();
        }

        if (request.Query.Count > 0)
            WriteOverrides(request);
    }

    /// <summary>The checksum inside a document.</summary>
    public static void WriteChecksum(S3XmlWriter document, Checksum checksum)
    {
        switch (checksum.Algorithm)
        {
            case ChecksumAlgorithm.Crc32: document.Element("ChecksumCRC32"u8, checksum.ToString()); break;
            case ChecksumAlgorithm.Crc32C: document.Element("ChecksumCRC32C"u8, checksum.ToString()); break;
            case ChecksumAlgorithm.Crc64Nvme: document.Element("ChecksumCRC64NVME"u8, checksum.ToString()); break;
            case ChecksumAlgorithm.Sha1: document.Element("ChecksumSHA1"u8, checksum.ToString()); break;
            case ChecksumAlgorithm.Sha512: document.Element("ChecksumSHA512"u8, checksum.ToString()); break;
            case ChecksumAlgorithm.Md5: document.Element("ChecksumMD5"u8, checksum.ToString()); break;
            case ChecksumAlgorithm.Sha256: document.Element("ChecksumSHA256"u8, checksum.ToString()); break;
            default: break;
        }
    }

    private static void WriteOverrides(S3Request request)
    {
        foreach (var (parameter, header) in Overrides)
        {
            if (request.Query[parameter] is not { } value)
                continue;
            foreach (var c in value)
            {
                if (char.IsControl(c))
                    throw S3Errors.InvalidArgument.Thrown();
            }

            request.Http.Response.Headers[header] = value;
        }
    }
}
