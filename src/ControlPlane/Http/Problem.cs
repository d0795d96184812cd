using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Vault.ControlPlane.Http;

/// <summary>A refusal in the shape of every error of the control plane (docs/spec/control-plane.md §1).</summary>
internal sealed class Problem(int status, string code, string message, TimeSpan? retryAfter = null) : IResult
{
    /// <summary>The reason, for people.</summary>
    public string Message => message;

    public static Problem BadRequest(string message) => new(400, "bad_request", message);

    public static Problem Unauthenticated(string message) => new(401, "unauthenticated", message);

    public static Problem Forbidden(string message) => new(403, "forbidden", message);

    public static Problem CaveatFailed(string message) => new(403, "caveat_failed", message);

    public static Problem QuotaExceeded(string message) => new(403, "quota_exceeded", message);

    public static Problem NotFound(string message) => new(404, "not_found", message);

    public static Problem Conflict(string message) => new(409, "conflict", message);

    public static Problem TooLarge(string message) => new(413, "payload_too_large", message);

    public static Problem RateLimited(string message, TimeSpan retryAfter) =>
        new(429, "rate_limited", message, retryAfter);

    public static Problem Unavailable(string message) => new(503, "unavailable", message);

    public static Problem Internal() =>
        new(500, "internal", "The request failed inside the server; its request id is in the log.");

    public Task ExecuteAsync(HttpContext httpContext)
    {
        Begin(httpContext.Response);
        return httpContext.Response.WriteAsJsonAsync(
            new ProblemBody(false, new ProblemError(code, message), RequestIds.Of(httpContext)),
            ControlJson.Default.ProblemBody,
            cancellationToken: httpContext.RequestAborted);
    }

    /// <summary>The status, and when to come again.</summary>
    public void Begin(HttpResponse response)
    {
        response.StatusCode = status;
        if (retryAfter is not { } wait) return;
        var seconds = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds));
        response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
    }
}

/// <summary>The JSON of a refusal.</summary>
internal sealed record ProblemBody(bool Ok, ProblemError Error, string RequestId);

/// <summary>What went wrong.</summary>
internal sealed record ProblemError(string Code, string Message);
