using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Vault.S3Gateway.Auth;
using Vault.S3Gateway.Http;
using Vault.S3Gateway.Routing;

namespace Vault.S3Gateway;

/// <summary>
/// The whole of the S3 port as one request delegate: route by the raw target, prove the caller, check what it may do,
/// let the operation's endpoint answer, word refusals, and account for it.
/// </summary>
internal sealed partial class S3Dispatcher
{
    private const int ClientClosedRequest = 499;

    private readonly S3Endpoint?[] endpoints = new S3Endpoint?[Enum.GetValues<S3Operation>().Length];
    private readonly SigV4Authentication authentication;
    private readonly Authorization authorization;
    private readonly RequestIds ids;
    private readonly S3Instruments instruments;
    private readonly TrafficMeter traffic;
    private readonly TimeProvider time;
    private readonly ILogger<S3Dispatcher> logger;
    private readonly IReadOnlyList<string> domains;
    private readonly int maxHeaderBytes;
    private readonly TrustedProxies proxies;
    private readonly AccessLog accessLog;

    public S3Dispatcher(
        IEnumerable<S3Endpoint> endpoints,
        SigV4Authentication authentication,
        Authorization authorization,
        RequestIds ids,
        S3Instruments instruments,
        TrafficMeter traffic,
        TrustedProxies proxies,
        AccessLog accessLog,
        TimeProvider time,
        IOptions<S3Options> options,
        ILogger<S3Dispatcher> logger)
    {
        (this.authentication, this.authorization, this.ids) = (authentication, authorization, ids);
        (this.instruments, this.traffic, this.time, this.logger) = (instruments, traffic, time, logger);
        domains = [.. options.Value.Domains];
        maxHeaderBytes = options.Value.MaxHeaderBytes;
        (this.proxies, this.accessLog) = (proxies, accessLog);
        foreach (var endpoint in endpoints)
        {
            foreach (var operation in endpoint.Operations)
                this.endpoints[(int)operation] = endpoint;
        }
    }

    public async Task HandleAsync(HttpContext http)
    {
        var started = time.GetTimestamp();
        var request = new S3Request(http, ids.Next());
        proxies.Apply(request);
        instruments.Began();
        int status;
        try
        {
            await AnswerAsync(request);
            status = http.Response.StatusCode;
        }
        catch (Exception exception)
        {
            status = await RefuseAsync(request, exception);
        }

        var elapsed = time.GetElapsedTime(started);
        instruments.Ended(request.Operation, status, request.BytesIn, request.BytesOut, elapsed);
        accessLog.Write(request, status, elapsed);
        if (request.CallerOrNull is { } caller)
            traffic.Count(caller.Project.ProjectId, request.BytesIn, request.BytesOut, status);
        request.LeaveCaller();
    }

    private async Task AnswerAsync(S3Request request)
    {
        request.Http.Response.Headers["x-amz-request-id"] = request.Id;
        if (request.ExpectsInVain)
            request.Http.Response.Headers.Connection = "close";
        RequireSmallHeaders(request);
        if (HttpMethods.IsOptions(request.Method))
            throw Preflight(request);
        request.Route(domains);
        await authentication.AuthenticateAsync(request);
        if (request.Claim!.IsPresigned && HoistedHeaders.Take(request))
            request.Route(domains);
        authorization.Require(request);
        var endpoint = endpoints[(int)request.Operation] ?? throw S3Errors.NotImplemented.Thrown();
        await endpoint.HandleAsync(request);
    }

    private async Task<int> RefuseAsync(S3Request request, Exception exception)
    {
        if (IsClientGone(request, exception))
        {
            request.Http.Abort();
            return ClientClosedRequest;
        }

        var error = S3Errors.Of(exception);
        if (error.Status == StatusCodes.Status500InternalServerError)
            LogFailed(exception, request.Id, request.Operation, error.Code);
        else if (error.Status == StatusCodes.Status503ServiceUnavailable && exception is not S3Exception)
            LogUnavailable(request.Id, request.Operation, error.Code, exception.Message);
        if (request.Http.Response.HasStarted)
        {
            request.Http.Abort();
            return error.Status;
        }

        try
        {
            await S3ErrorAnswer.WriteAsync(request, error);
            return error.Status;
        }
        catch (Exception gone) when (IsClientGone(request, gone))
        {
            return ClientClosedRequest;
        }
    }

    private static bool IsClientGone(S3Request request, Exception exception) =>
        exception is ConnectionResetException or ConnectionAbortedException
        || (exception is OperationCanceledException && request.Http.RequestAborted.IsCancellationRequested);

    private void RequireSmallHeaders(S3Request request)
    {
        var bytes = 0;
        foreach (var (name, values) in request.Headers)
        {
            bytes += name.Length;
            foreach (var value in values)
                bytes += value?.Length ?? 0;
        }

        if (bytes > maxHeaderBytes)
            throw S3Errors.HeadersTooLarge.Thrown();
    }

    /// <summary>A preflight carries no credentials; buckets have no CORS rules yet, so every one is refused.</summary>
    private static S3Exception Preflight(S3Request request) => request.Headers.Origin.Count == 0
        ? new S3Error(400, "BadRequest", "Insufficient information. Origin request header needed.").Thrown()
        : S3Errors.CorsNotEnabled.Thrown();

    [LoggerMessage(EventId = 5002, Level = LogLevel.Error, Message = "{RequestId} {Operation} ended in {Code}")]
    private partial void LogFailed(Exception exception, string requestId, S3Operation operation, string code);

    [LoggerMessage(EventId = 5004, Level = LogLevel.Warning,
        Message = "{RequestId} {Operation} ended in {Code}: {Reason}")]
    private partial void LogUnavailable(string requestId, S3Operation operation, string code, string reason);
}
