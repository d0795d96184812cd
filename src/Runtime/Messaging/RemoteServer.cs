using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Vault.Runtime.Invocation;
using Vault.Runtime.Ownership;
using Vault.Runtime.Serialization;

namespace Vault.Runtime.Messaging;

/// <summary>Serves calls that arrive from other processes.</summary>
internal sealed class RemoteServer(
    LocalNode node,
    ViewHolder views,
    ITransport transport,
    MessageCodec codec,
    CallDispatcher dispatcher,
    ReferenceTable references,
    ILogger logger,
    Action behind,
    CancellationToken stopping)
{
    private readonly ConcurrentDictionary<(SiloAddress From, long CallId), CancellationTokenSource> _cancellable =
        new();

    private MessageCodec Codec { get; } = codec;

    private ITransport Transport { get; } = transport;

    private ILogger Logger { get; } = logger;

    public void ReceiveRequest(ReadOnlyMemory<byte> frame, ref CborReader reader)
    {
        var head = Codec.ReadRequest(ref reader);
        var arguments = frame[reader.BytesRead..];
        if (head.View <= views.Current.Number)
        {
            Serve(head, arguments);
        }
        else
        {
            _ = CatchUpAndServeAsync(head, arguments);
        }
    }

    public void ReceiveCancel(ref CborReader reader)
    {
        var callId = reader.ReadInt64();
        var from = SiloAddress.FromParsableString(reader.ReadText()!);
        if (_cancellable.TryGetValue((from, callId), out var source))
        {
            _ = node.Executor.CancelAsync(source);
        }
    }

    private async Task CatchUpAndServeAsync(RequestHead head, ReadOnlyMemory<byte> arguments)
    {
        behind();
        try
        {
            await views.WaitAsync(s => s.Current.Number >= head.View, stopping);
        }
        catch (OperationCanceledException)
        {
            new Served(this, head).NotStarted(views.Current.Number);
            return;
        }

        Serve(head, arguments);
    }

    private void Serve(RequestHead head, ReadOnlyMemory<byte> arguments)
    {
        var served = new Served(this, head);
        GrainRequest request;
        try
        {
            if (!references.TryGetMethod(head.Interface, head.Method, out var method))
            {
                throw new OrleansException(
                    $"{node.Address} knows no method '{head.Method}' of grain interface '{head.Interface}'.");
            }

            request = method.CreateRequest();
            var reader = new CborReader(arguments.Span);
            request.ReadArguments(ref reader);
        }
        catch (Exception exception)
        {
            served.Fail(exception);
            return;
        }

        request.TargetId = head.Target;
        request.SourceId = head.Source;
        request.InterfaceName = head.Interface;
        request.ForeignChain = head.Chain.Length == 0 ? null : head.Chain;
        request.ReentrancyId = head.Context?.ReentrancyId ?? Guid.Empty;
        request.Context = head.Context;
        request.Owner = served;
        if (head.Cancellable)
        {
            served.Track(request, _cancellable);
        }

        RequestContext.Values = head.Context;
        try
        {
            if (!dispatcher.ReceiveRemote(request))
            {
                served.NotStarted(views.Current.Number);
            }
        }
        finally
        {
            RequestContext.Values = null;
        }
    }

    /// <summary>A call that another process waits for.</summary>
    internal sealed class Served(RemoteServer server, RequestHead head) : ICallOwner
    {
        private ConcurrentDictionary<(SiloAddress, long), CancellationTokenSource>? _tracked;

        public void Track(
            GrainRequest request, ConcurrentDictionary<(SiloAddress, long), CancellationTokenSource> cancellable)
        {
            var source = new CancellationTokenSource();
            request.CancellationSource = source;
            request.CancellationToken = source.Token;
            _tracked = cancellable;
            cancellable[(head.From, head.CallId)] = source;
        }

        public void Completed(GrainRequest request, Exception? error)
        {
            Untrack();
            if (head.CallId == 0)
            {
                if (error is not null)
                {
                    server.Logger.LogOneWayFailed(error, request.Method.DisplayName, request.TargetId);
                }

                return;
            }

            ReadOnlyMemory<byte> frame;
            try
            {
                frame = error is null
                    ? MessageCodec.Result(head.CallId, request)
                    : server.Codec.Failure(head.CallId, error);
            }
            catch (Exception exception)
            {
                frame = server.Codec.Failure(head.CallId, exception);
            }

            server.Transport.TrySend(head.From, frame);
        }

        public void Fail(Exception exception)
        {
            Untrack();
            if (head.CallId != 0)
            {
                server.Transport.TrySend(head.From, server.Codec.Failure(head.CallId, exception));
            }
        }

        public void NotStarted(long view)
        {
            Untrack();
            if (head.CallId != 0)
            {
                server.Transport.TrySend(head.From, MessageCodec.NotOwner(head.CallId, view));
            }
        }

        private void Untrack()
        {
            if (_tracked is { } tracked && tracked.TryRemove((head.From, head.CallId), out var source))
            {
                source.Dispose();
            }
        }
    }
}

internal static partial class RemoteServerLog
{
    [LoggerMessage(EventId = 1303, Level = LogLevel.Warning, Message = "One-way call {Method} of {Grain} failed")]
    public static partial void LogOneWayFailed(this ILogger logger, Exception exception, string method, GrainId grain);
}
