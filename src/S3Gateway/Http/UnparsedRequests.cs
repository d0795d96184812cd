using System.Diagnostics;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Vault.S3Gateway.Http;

/// <summary>
/// What the server refuses before there is a request (a malformed line, <c>%00</c>, too many headers, a target that is
/// too long) it answers with a status and nothing else. This gives those answers a request id and S3's XML: the server
/// tells its listeners of a bad request before it answers, and the connection's writer then puts our answer in place of
/// its own. Nothing but a forwarded call is added to requests that are well-formed.
/// </summary>
internal sealed partial class UnparsedRequests : IObserver<KeyValuePair<string, object?>>, IDisposable
{
    private const string BadRequest = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";

    private readonly RequestIds ids;
    private readonly S3Instruments instruments;
    private readonly ILogger<UnparsedRequests> logger;
    private readonly IDisposable subscription;

    public UnparsedRequests(
        DiagnosticListener server, RequestIds ids, S3Instruments instruments, ILogger<UnparsedRequests> logger)
    {
        (this.ids, this.instruments, this.logger) = (ids, instruments, logger);
        subscription = server.Subscribe(this, static name => name == BadRequest);
    }

    /// <summary>A connection of an S3 port, once TLS has been taken off.</summary>
    public static Task ServeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var transport = connection.Transport;
        var writer = new UnparsedAnswerWriter(transport.Output);
        connection.Transport = new Duplex(transport.Input, writer);
        connection.Features.Set(writer);
        return next(connection);
    }

    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value.Key != BadRequest || value.Value is not IFeatureCollection features
            || features.Get<UnparsedAnswerWriter>() is not { } writer)
            return;
        var status = (features.Get<IBadRequestExceptionFeature>()?.Error as BadHttpRequestException)?.StatusCode ?? 400;
        var id = ids.Next();
        writer.Refuse(ErrorOf(status), id, features.Get<IHttpRequestFeature>()?.Method == HttpMethods.Head);
        instruments.Unparsed();
        LogUnparsed(id, status);
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }

    public void Dispose() => subscription.Dispose();

    private static S3Error ErrorOf(int status) => status switch
    {
        StatusCodes.Status405MethodNotAllowed => S3Errors.MethodNotAllowed,
        StatusCodes.Status408RequestTimeout => S3Errors.RequestTimeout,
        StatusCodes.Status411LengthRequired => S3Errors.MissingContentLength,
        StatusCodes.Status413PayloadTooLarge => S3Errors.EntityTooLarge,
        StatusCodes.Status414UriTooLong => S3Errors.InvalidUri.With("The request target is too long."),
        StatusCodes.Status431RequestHeaderFieldsTooLarge => S3Errors.HeadersTooLarge,
        _ => S3Errors.UnparsedRequest,
    };

    [LoggerMessage(EventId = 5003, Level = LogLevel.Debug, Message = "{RequestId} was no request and got {Status}")]
    private partial void LogUnparsed(string requestId, int status);

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
