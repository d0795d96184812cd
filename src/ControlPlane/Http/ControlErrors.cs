using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Vault.Grains.Abstractions.Wire;

namespace Vault.ControlPlane.Http;

/// <summary>The outermost handler: request ids in, refusals out, one access log line per call.</summary>
public sealed partial class ControlErrors(ILogger<ControlErrors> logger, TimeProvider time)
{
    /// <summary>Runs a call.</summary>
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        RequestIds.Begin(context);
        var started = time.GetTimestamp();
        try
        {
            await next(context);
            if (!context.Response.HasStarted && Unrouted(context.Response.StatusCode) is { } problem)
                await problem.ExecuteAsync(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            context.Response.StatusCode = 499;
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            await Explain(e).ExecuteAsync(context);
            if (context.Response.StatusCode == StatusCodes.Status500InternalServerError)
                LogFailure(RequestIds.Of(context), e);
        }
        finally
        {
            var milliseconds = time.GetElapsedTime(started).TotalMilliseconds;
            LogCall(
                RequestIds.Of(context), context.Request.Method, context.Request.Path, context.Response.StatusCode,
                milliseconds);
        }
    }

    /// <summary>What routing leaves without a body.</summary>
    private static Problem? Unrouted(int status) => status switch
    {
        StatusCodes.Status400BadRequest =>
            Problem.BadRequest("A parameter is missing or malformed; /openapi/v1.json names them."),
        StatusCodes.Status404NotFound => Problem.NotFound("There is no such call; /openapi/v1.json lists them."),
        StatusCodes.Status405MethodNotAllowed =>
            new Problem(405, "method_not_allowed", "This path does not take that method."),
        StatusCodes.Status415UnsupportedMediaType => Problem.BadRequest("Send the body as application/json."),
        _ => null,
    };

    private static Problem Explain(Exception e) => e switch
    {
        BadHttpRequestException bad => new Problem(
            bad.StatusCode, bad.StatusCode == 413 ? "payload_too_large" : "bad_request",
            "The request is not well formed."),
        StoreFullException => Problem.Unavailable("A disk is full: delete something or make room."),
        OutcomeUnknownException =>
            Problem.Unavailable("The database went away during the commit: read before you repeat."),
        StoreUnavailableException => Problem.Unavailable("The database is away; nothing was changed."),
        OrleansException or TimeoutException =>
            Problem.Unavailable("A silo went away during the call: read before you repeat."),
        _ => Problem.Internal(),
    };

    [LoggerMessage(EventId = 6001, Level = LogLevel.Error, Message = "Control-plane call {RequestId} failed")]
    private partial void LogFailure(string requestId, Exception e);

    [LoggerMessage(
        EventId = 6002, Level = LogLevel.Information,
        Message = "{RequestId} {Method} {Path} answered {Status} in {Milliseconds} ms")]
    private partial void LogCall(string requestId, string method, string path, int status, double milliseconds);
}
