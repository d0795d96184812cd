using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Storage;
using Vault.Runtime.Invocation;
using Vault.Runtime.Ownership;
using Vault.Runtime.Serialization;

namespace Vault.Runtime.Messaging;

/// <summary>
/// Sends calls to other processes and matches their outcomes; the other direction is <see cref="RemoteServer"/>.
/// </summary>
internal sealed partial class RemoteCalls(
    LocalNode node,
    ViewHolder views,
    ITransport transport,
    MessageCodec codec,
    MessagingOptions options,
    ILogger<RemoteCalls> logger) : IRemoteCalls, IPendingCalls, IDisposable
{
    private readonly ConcurrentDictionary<long, Sent> _sent = new();
    private readonly CancellationTokenSource _stopping = new();
    private RemoteServer? _server;
    private long _lastCallId;

    /// <summary>Another process knows a view that this one does not.</summary>
    public event Action? Behind;

    public void Start(CallDispatcher dispatcher, ReferenceTable references, ViewAgent agent)
    {
        _server = new RemoteServer(node, views, transport, codec, dispatcher, references, logger, () => Behind?.Invoke(),
            _stopping.Token);
        agent.ViewChanged += OnViewChanged;
        transport.Open(node.Address, Receive);
    }

    /// <summary>Answers what has come, then ends; what waits for an answer ends as unknown.</summary>
    public async Task StopAsync()
    {
        await node.Executor.CancelAsync(_stopping);
        await transport.CloseAsync();
        FailAll();
    }

    /// <summary>Ends as one generation of the silo and begins as the next.</summary>
    public async Task ReopenAsync(SiloAddress next)
    {
        await transport.CloseAsync();
        FailAll();
        node.Address = next;
        transport.Open(next, Receive);
    }

    /// <summary>Ends at once.</summary>
    public void Abort()
    {
        transport.Abort();
        _stopping.Cancel();
        FailAll();
    }

    public void Dispose() => _stopping.Dispose();

    public void Route(GrainRequest request)
    {
        if (request.Owner is RemoteServer.Served served)
        {
            served.NotStarted(views.Current.Number);
            return;
        }

        var view = views.Current;
        var owner = view.OwnerOf(request.TargetId);
        if (owner is null)
        {
            Refuse(request, $"No silo of view {view.Number} serves grains of type '{request.TargetId.Type}'.");
        }
        else if (owner.Equals(node.Address))
        {
            Refuse(request, $"Silo {owner} stops and starts no more calls.");
        }
        else
        {
            Send(owner, request);
        }
    }

    public void Send(SiloAddress to, GrainRequest request)
    {
        if (request.Starter is null)
        {
            request.CopyArguments();
            request.Prepare();
        }

        var oneWay = request.Method.IsOneWay;
        var callId = oneWay ? 0 : Interlocked.Increment(ref _lastCallId);
        ReadOnlyMemory<byte> frame;
        try
        {
            frame = codec.Request(Head(request, callId), request);
            if (frame.Length > options.MaxMessageBodySize)
            {
                throw new OrleansException($"{request.Description} is a message of {frame.Length} bytes; "
                    + $"{options.MaxMessageBodySize} are allowed.");
            }
        }
        catch (Exception exception)
        {
            Refuse(request, exception);
            return;
        }

        if (oneWay)
        {
            if (!transport.TrySend(to, frame))
            {
                LogLost(logger, request.Description, to);
            }

            return;
        }

        request.CallId = callId;
        request.Pending = this;
        _sent[callId] = new Sent(to, request);
        if (request.IsDecided)
        {
            _sent.TryRemove(callId, out _);
        }
        else if (!transport.TrySend(to, frame) && _sent.TryRemove(callId, out _))
        {
            // it did not leave: the next view may name another owner
            _ = RetryAsync(request, views.Snapshot, s => s.Current.Number > 0 && !s.Current.Contains(to));
        }
    }

    /// <inheritdoc/>
    public void Forget(GrainRequest request, Exception? failure)
    {
        if (_sent.TryRemove(request.CallId, out var sent) && failure is not null && request.IsCancellable)
        {
            transport.TrySend(sent.To, MessageCodec.Cancel(node.Address, request.CallId));
        }
    }

    private void FailAll()
    {
        foreach (var (_, sent) in _sent)
        {
            sent.Request.TryFail(new SiloUnavailableException(
                $"This process stops; whether {sent.Request.Description} took effect is unknown."));
        }
    }

    private RequestHead Head(GrainRequest request, long callId) => new()
    {
        CallId = callId,
        From = node.Address,
        View = views.Current.Number,
        Source = request.SourceId,
        Target = request.TargetId,
        Interface = request.InterfaceName,
        Method = request.Method.Alias,
        Cancellable = request.IsCancellable,
        Chain = CallChain.Export(request),
        Context = request.Context,
    };

    private void Receive(ReadOnlyMemory<byte> frame)
    {
        try
        {
            var reader = new CborReader(frame.Span);
            switch (MessageCodec.Kind(ref reader))
            {
                case FrameKind.Request:
                    _server!.ReceiveRequest(frame, ref reader);
                    break;
                case FrameKind.Response:
                    ReceiveResponse(ref reader);
                    break;
                case FrameKind.Cancel:
                    _server!.ReceiveCancel(ref reader);
                    break;
            }
        }
        catch (Exception exception)
        {
            LogBadFrame(logger, exception);
        }
    }

    private void ReceiveResponse(ref CborReader reader)
    {
        if (!_sent.TryRemove(reader.ReadInt64(), out var sent))
        {
            return;
        }

        var request = sent.Request;
        switch ((ResponseStatus)reader.ReadInt32())
        {
            case ResponseStatus.Result:
                try
                {
                    request.ReadOutcome(ref reader);
                }
                catch (Exception exception)
                {
                    request.Spoil(exception);
                }

                request.CompleteCaller();
                break;
            case ResponseStatus.Failure:
                var failure = codec.ReadFailure(ref reader);
                if (failure is InconsistentStateException conflict)
                {
                    conflict.IsSourceActivation = false;
                }

                request.Spoil(failure);
                request.CompleteCaller();
                break;
            default:
                var view = reader.ReadInt64();
                _ = RetryAsync(request, views.Snapshot, s => s.Current.Number >= view);
                break;
        }
    }

    /// <summary>
    /// Sends a call, that was certainly not started, again once the view has moved on; its deadline bounds the wait.
    /// </summary>
    private async Task RetryAsync(GrainRequest request, ClusterSnapshot seen, Func<ClusterSnapshot, bool> ready)
    {
        try
        {
            if (!ready(seen))
            {
                Behind?.Invoke();
                await views.WaitAsync(s => request.IsDecided || ready(s), _stopping.Token);
            }
            else
            {
                await Task.Yield();
            }

            if (!request.IsDecided)
            {
                node.Dispatch(request);
            }
        }
        catch (OperationCanceledException)
        {
            Refuse(request, "This process stops.");
        }
    }

    private void OnViewChanged(ClusterView view)
    {
        foreach (var (_, sent) in _sent)
        {
            // a silo that left in good order answers everything that reached it, so its answers are waited for
            if (!sent.To.IsClient && !view.Contains(sent.To) && !view.Retired.Contains(sent.To))
            {
                sent.Request.TryFail(new SiloUnavailableException(
                    $"Silo {sent.To} left the cluster while {sent.Request.Description} was under way; whether it took "
                    + "effect is unknown."));
            }
        }
    }

    private static void Refuse(GrainRequest request, string reason) =>
        Refuse(request, new SiloUnavailableException($"{request.Description} was not started: {reason}"));

    private static void Refuse(GrainRequest request, Exception reason)
    {
        request.Spoil(reason);
        request.Finish();
    }

    [LoggerMessage(
        EventId = 1301, Level = LogLevel.Warning, Message = "One-way call {Call} was lost: {Silo} can't be reached")]
    private static partial void LogLost(ILogger logger, string call, SiloAddress silo);

    [LoggerMessage(EventId = 1302, Level = LogLevel.Warning, Message = "A frame could not be read and was dropped")]
    private static partial void LogBadFrame(ILogger logger, Exception exception);

    private readonly record struct Sent(SiloAddress To, GrainRequest Request);
}
