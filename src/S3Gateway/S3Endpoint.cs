using Microsoft.AspNetCore.Http;
using Vault.S3Gateway.Routing;

namespace Vault.S3Gateway;

/// <summary>What answers one or a few operations: HTTP in, one or two grain calls, the outcome out.</summary>
internal abstract class S3Endpoint
{
    /// <summary>The operations it answers.</summary>
    public abstract IReadOnlyList<S3Operation> Operations { get; }

    /// <summary>Answers; a refusal is thrown as <see cref="S3Exception"/>, for the dispatcher to word.</summary>
    public abstract Task HandleAsync(S3Request request);

    /// <summary>Answers 200 with a document.</summary>
    protected static async Task SendAsync(S3Request request, S3XmlWriter document, int status = 200)
    {
        var response = request.Http.Response;
        response.StatusCode = status;
        response.Headers.ContentType = "application/xml";
        response.Headers.ContentLength = document.Written.Length;
        request.BytesOut = document.Written.Length;
        await response.BodyWriter.WriteAsync(document.Written);
    }

    /// <summary>Answers with a status and no body.</summary>
    protected static Task SendStatus(S3Request request, int status)
    {
        request.Http.Response.StatusCode = status;
        if (status != StatusCodes.Status204NoContent && status != StatusCodes.Status304NotModified)
            request.Http.Response.ContentLength = 0;
        return Task.CompletedTask;
    }
}
