using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Vault.Runtime.Invocation;
using Vault.Runtime.Ownership;
using Vault.Runtime.Serialization;

namespace Vault.Runtime.Messaging;

/// <summary>Serves calls that arrive from other processes.</summary>
internal sealed class RemoteServer(
    LocalNode node,
    ViewHolder views,
    MessageCodec codec,
    MessagingOptions options,
    CallDispatcher dispatcher,
    ReferenceTable references,
    ILogger logger,
    Action behind,
    CancellationToken stopping)
{
    /// <summary>A silo that has lost the database keeps no calls: their senders do.</summary>
    private static readonly TimeSpan s_longestCatchUp = TimeSpan.FromSeconds(3);

    private readonly ConcurrentDictionary<(Link From, long CallId), CancellationTokenSource> _cancellable = new();

    private MessageCodec Codec { get; } = codec;

    private ILogger Logger { get; } = logger;

    public void ReceiveRequest(Link from, ReadOnlySpan<byte> frame, ref CborReader reader)
    {
        var head = Codec.ReadRequest(ref reader);
        from.CallOpened();
        if (head.View <= views.Current.Number)
        {
            Serve(from, head, ref reader);
        }
        else
        {
            _ = CatchUpAndServeAsync(from, head, frame[reader.BytesRead..].ToArray());
        }
    }

    public void ReceiveCancel(Link from, ref CborReader reader)
    {
        if (_cancellable.TryGetValue((from, reader.ReadInt64()), out var source))
        {
            _ = node.Executor.CancelAsync(source);
        }
    }

    private async Task CatchUpAndServeAsync(Link from, RequestHead head, byte[] arguments)
    {
        behind();
        using var limit = new CancellationTokenSource(s_longestCatchUp, node.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stopping);
        try
        {
            await views.WaitAsync(s => s.Current.Number >= head.View, either.Token);
        }
        catch (OperationCanceledException)
        {
            new Served(this, from, head.CallId).NotStarted(views.Current.Number);
            return;
        }

        ServeKept();

        void ServeKept()
        {
            var reader = new CborReader(arguments);
            Serve(from, head, ref reader);
        }
    }

    private void Serve(Link from, in RequestHead head, ref CborReader arguments)
    {
        var served = new Served(this, from, head.CallId);
        if (!references.TryGetMethod(head.MethodKey, out var called))
        {
            served.NotStarted(views.Current.Number, ResponseStatus.UnknownMethod);
            return;
        }

        GrainRequest request;
        try
        {
            request = called.Method.CreateRequest();
            request.ReadArguments(ref arguments);
        }
        catch (Exception exception)
        {
            served.Fail(exception);
            return;
        }

        request.TargetId = head.Target;
        request.SourceId = head.Source;
        request.InterfaceName = called.Interface;
        request.ArgumentsAreKept = true;
        request.ForeignChain = head.Chain;
        request.Owner = served;
        if (head.Cancellable)
        {
            served.Track(request, _cancellable);
        }

        if (head.Context is { } context)
        {
            request.ReentrancyId = context.ReentrancyId;
            request.Context = context;
            RequestContext.Values = context;
            try
            {
                Dispatch(request, served);
            }
            finally
            {
                RequestContext.Values = null;
            }
        }
        else
        {
            Dispatch(request, served);
        }
    }

    /// <summary>A frame that the other side would not take costs the connection, and every call on it.</summary>
    private void RequireSize(FrameBuffer buffer, GrainRequest request)
    {
        if (!Fits(buffer))
        {
            throw new OrleansException($"The result of {request.Description} is a message of {buffer.Written.Length} "
                + $"bytes; {options.MaxMessageBodySize} are allowed.");
        }
    }

    private bool Fits(FrameBuffer buffer) => buffer.Written.Length <= options.MaxMessageBodySize;

    private void Dispatch(GrainRequest request, Served served)
    {
        if (!dispatcher.ReceiveRemote(request))
        {
            served.NotStarted(views.Current.Number);
        }
    }

    /// <summary>A call that another process waits for.</summary>
    internal sealed class Served(RemoteServer server, Link from, long callId) : ICallOwner
    {
        private ConcurrentDictionary<(Link, long), CancellationTokenSource>? _tracked;

        public void Track(
            GrainRequest request, ConcurrentDictionary<(Link, long), CancellationTokenSource> cancellable)
        {
            var source = new CancellationTokenSource();
            request.CancellationSource = source;
            request.CancellationToken = source.Token;
            _tracked = cancellable;
            cancellable[(from, callId)] = source;
        }

        public void Completed(GrainRequest request, Exception? error)
        {
            if (callId == 0)
            {
                if (error is not null)
                {
                    server.Logger.LogOneWayFailed(error, request.Method.DisplayName, request.TargetId);
                }

                Ended();
                return;
            }

            if (error is not null)
            {
                Fail(error);
                return;
            }

            var buffer = FrameBuffer.Rent();
            try
            {
                MessageCodec.WriteResult(buffer, callId, request);
                server.RequireSize(buffer, request);
            }
            catch (Exception exception)
            {
                buffer.Return();
                Fail(exception);
                return;
            }

            Answer(buffer);
        }

        public void Fail(Exception exception)
        {
            var buffer = FrameBuffer.Rent();
            if (!TryWrite())
            {
                buffer.Return();
                buffer = FrameBuffer.Rent();
                server.Codec.WriteFailure(
                    buffer, callId, new OrleansException($"It failed by a {exception.GetType()} that can't be sent."));
            }

            Answer(buffer);

            bool TryWrite()
            {
                try
                {
                    server.Codec.WriteFailure(buffer, callId, exception);
                    return server.Fits(buffer);
                }
                catch (Exception)
                {
                    return false; // its own codec can't write it
                }
            }
        }

        public void NotStarted(long view, ResponseStatus status = ResponseStatus.NotOwner)
        {
            var buffer = FrameBuffer.Rent();
            MessageCodec.WriteNotStarted(buffer, callId, status, view);
            Answer(buffer);
        }

        private void Answer(FrameBuffer buffer)
        {
            if (callId != 0)
            {
                from.TrySend(buffer.Written);
            }

            buffer.Return();
            Ended();
        }

        private void Ended()
        {
            if (_tracked is { } tracked && tracked.TryRemove((from, callId), out var source))
            {
                source.Dispose();
            }

            from.CallEnded();
        }
    }
}

internal static partial class RemoteServerLog
{
    [LoggerMessage(EventId = 1303, Level = LogLevel.Warning, Message = "One-way call {Method} of {Grain} failed")]
    public static partial void LogOneWayFailed(this ILogger logger, Exception exception, string method, GrainId grain);
}
