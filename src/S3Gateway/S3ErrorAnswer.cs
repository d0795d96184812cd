using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Vault.S3Gateway;

/// <summary>Writes refusals: XML with Code, Message, Resource and RequestId; nothing but headers for HEAD.</summary>
internal static class S3ErrorAnswer
{
    /// <summary>Rests of bodies up to this size are read, so that the connection can be used again.</summary>
    private const long DrainedBytes = 64 << 10;

    /// <summary>Answers with a refusal; nothing of the response may have been sent yet.</summary>
    public static async Task WriteAsync(S3Request request, S3Error error)
    {
        var response = request.Http.Response;
        response.Clear();
        response.StatusCode = error.Status;
        response.Headers["x-amz-request-id"] = request.Id;
        if (error.Status == StatusCodes.Status503ServiceUnavailable)
            response.Headers.RetryAfter = "1";
        if (error.Status == StatusCodes.Status405MethodNotAllowed)
            response.Headers.Allow = "GET, HEAD, PUT, POST, DELETE";
        if (error.Code == S3Errors.InvalidRange.Code && request.RangeSize is { } size)
            response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes */{size}");
        var unread = request.HasUnreadBody;
        if (request.ExpectsInVain
            || unread && (request.Http.Request.ContentLength is not { } length || length > DrainedBytes
                || request.Headers.Expect.Count > 0))
            response.Headers.Connection = "close";
        if (HttpMethods.IsHead(request.Method) || error.Status == StatusCodes.Status304NotModified)
            return;
        using var document = new S3XmlWriter();
        Write(document, request, error);
        response.Headers.ContentType = "application/xml";
        response.Headers.ContentLength = document.Written.Length;
        request.BytesOut = document.Written.Length;
        await response.BodyWriter.WriteAsync(document.Written);
        if (unread)
            await response.CompleteAsync();
    }

    /// <summary>The document for what never became a request.</summary>
    public static void Write(S3XmlWriter document, S3Error error, string requestId)
    {
        Start(document, error);
        End(document, requestId);
    }

    private static void Write(S3XmlWriter document, S3Request request, S3Error error)
    {
        Start(document, error);
        if (error.Code == S3Errors.NoSuchKey.Code && request.Target.Key is { } key)
            document.Element("Key"u8, key.Bytes.Span);
        else if (error.Code is "NoSuchBucket" or "InvalidBucketName" or "BucketNotEmpty" or "BucketAlreadyExists"
            or "BucketAlreadyOwnedByYou")
            document.Element("BucketName"u8, request.Target.Bucket);
        else if (error.Code == S3Errors.NoSuchUpload.Code)
            document.Element("UploadId"u8, request.Query["uploadId"]);
        if (error.Code == S3Errors.InvalidRange.Code && request.RangeSize is { } size)
        {
            document.Element("RangeRequested"u8, request.Headers.Range.ToString());
            document.Element("ActualObjectSize"u8, size);
        }

        document.Element("Resource"u8, Resource(request));
        End(document, request.Id);
    }

    private static void Start(S3XmlWriter document, S3Error error)
    {
        document.StartPlainDocument("Error"u8);
        document.Element("Code"u8, error.Code);
        document.Element("Message"u8, error.Message);
    }

    private static void End(S3XmlWriter document, string requestId)
    {
        document.Element("RequestId"u8, requestId);
        document.Element("HostId"u8, requestId);
        document.End("Error"u8);
    }

    /// <summary>The path without its query, which may hold a signature.</summary>
    private static string Resource(S3Request request)
    {
        var target = request.RawTarget;
        var mark = target.IndexOf('?', StringComparison.Ordinal);
        return mark < 0 ? target : target[..mark];
    }
}
