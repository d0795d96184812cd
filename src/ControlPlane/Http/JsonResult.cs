using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace Vault.ControlPlane.Http;

/// <summary>A successful answer as JSON.</summary>
internal sealed class JsonResult<T>(int status, T value, JsonTypeInfo<T> type) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = status;
        httpContext.Response.Headers.CacheControl = "no-store";
        return httpContext.Response.WriteAsJsonAsync(value, type, cancellationToken: httpContext.RequestAborted);
    }
}
