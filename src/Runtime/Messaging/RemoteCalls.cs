using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
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
    ViewPush push,
    RemoteInstruments instruments,
    ILogger<RemoteCalls> logger) : IRemoteCalls, ITransportUser, IDisposable
{
    /// <summary>How long a call that could not leave waits for a change of the view before it is tried again.</summary>
    private static readonly TimeSpan s_retryAfter = TimeSpan.FromMilliseconds(200);

    /// <summary>The same, for one that a silo refused in the view that the call was sent in.</summary>
    private static readonly TimeSpan s_askAgainAfter = TimeSpan.FromMilliseconds(50);

    private readonly ConcurrentDictionary<long, SentCall> _sent = new();
    private readonly CancellationTokenSource _stopping = new();
    private RemoteServer? _server;
    private long _lastCallId;

    /// <summary>Another process knows a view that this one does not.</summary>
    public event Action? Behind;

    public void Start(CallDispatcher dispatcher, ReferenceTable references, ViewAgent agent)
    {
        _server = new RemoteServer(
            node, views, codec, options, dispatcher, references, logger, () => Behind?.Invoke(), _stopping.Token);
        agent.ViewChanged += OnViewChanged;
        transport.Open(node.Address, this);
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
        transport.Open(next, this);
    }

    /// <summary>Ends at once.</summary>
    public void Abort()
    {
        transport.Abort();
        _stopping.Cancel();
        FailAll();
    }

    public void Dispose() => _stopping.Dispose();

    public void Route(GrainRequest request, bool stopping)
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
            if (node.Address.IsClient && view.Owners.IsEmpty)
            {
                KeepArguments(request);
                _ = RetryAsync(request, views.Snapshot, static s => !s.Current.Owners.IsEmpty);
                return;
            }

            Refuse(request, $"No silo of view {view.Number} serves grains of type '{request.TargetId.Type}'.");
        }
        else if (owner.Equals(node.Address) && !stopping)
        {
            KeepArguments(request);
            _ = RetryAsync(request, views.Snapshot, static _ => true); // a view came meanwhile that gives it to this silo
        }
        else if (owner.Equals(node.Address))
        {
            Refuse(request, $"Silo {owner} stops and starts no more calls.");
        }
        else
        {
            Send(owner, request, view.Number);
        }
    }

    public void Send(SiloAddress to, GrainRequest request) => Send(to, request, views.Current.Number);

    /// <summary>Sends a call to the silo that serves the grain in that view.</summary>
    private void Send(SiloAddress to, GrainRequest request, long view)
    {
        KeepArguments(request);
        var link = transport.Find(to);
        if (link is null)
        {
            NotSent(request, to);
        }
        else if (link.HasRoom || request.Method.IsOneWay)
        {
            Send(link, request, view);
        }
        else
        {
            instruments.Waited();
            _ = SendLaterAsync(link, request, view);
        }
    }

    /// <summary>The caller has an outcome; a failure is one that this side decided on.</summary>
    public void Forget(SentCall call, Exception? failure)
    {
        if (!TryTake(call.Id, out _) || failure is null)
        {
            return;
        }

        instruments.Ended(failure);
        if (call.Request.IsCancellable)
        {
            var buffer = FrameBuffer.Rent();
            MessageCodec.WriteCancel(buffer, call.Id);
            call.Link.TrySend(buffer.Written);
            buffer.Return();
        }
    }

    /// <inheritdoc/>
    public void Receive(Link from, ReadOnlySpan<byte> frame)
    {
        try
        {
            var reader = new CborReader(frame);
            switch (MessageCodec.Kind(ref reader))
            {
                case FrameKind.Request:
                    _server!.ReceiveRequest(from, frame, ref reader);
                    break;
                case FrameKind.Response:
                    ReceiveResponse(ref reader);
                    break;
                case FrameKind.Cancel:
                    _server!.ReceiveCancel(from, ref reader);
                    break;
                case FrameKind.View:
                    push.Receive(from, ref reader);
                    break;
            }
        }
        catch (Exception exception)
        {
            LogBadFrame(logger, exception);
        }
    }

    /// <inheritdoc/>
    public void Connected(Link link) => push.Connected(link);

    /// <inheritdoc/>
    public void Lost(Link link)
    {
        push.Lost(link);
        Behind?.Invoke();
        foreach (var (callId, call) in _sent)
        {
            if (ReferenceEquals(call.Link, link))
            {
                GiveUp(callId, call, $"The connection to {link.Address} broke");
            }
        }
    }

    /// <summary>No answer will come: what has certainly not left is sent to whom the next view names.</summary>
    private void GiveUp(long callId, SentCall call, string why)
    {
        if (Volatile.Read(ref call.Position) < call.Link.HandedOver)
        {
            call.Request.TryFail(new SiloUnavailableException(
                $"{why} while {call.Request.Description} was under way; whether it took effect is unknown."));
        }
        else if (TryTake(callId, out _))
        {
            NotSent(call.Request, call.Link.Address);
        }
    }

    private static void KeepArguments(GrainRequest request)
    {
        if (request.Starter is null && !request.ArgumentsAreKept)
        {
            request.CopyArguments();
            request.ArgumentsAreKept = true;
        }
    }

    private static void Refuse(GrainRequest request, string reason) =>
        Refuse(request, new SiloUnavailableException($"{request.Description} was not started: {reason}"));

    private static void Refuse(GrainRequest request, Exception reason)
    {
        request.Spoil(reason);
        request.Finish();
    }

    private static RequestHead Head(GrainRequest request, long callId, long view) => new()
    {
        CallId = callId,
        View = view,
        MethodKey = request.Method.WireKey,
        Source = request.SourceId,
        Target = request.TargetId,
        Cancellable = request.IsCancellable,
        Chain = request.Caller is null ? null : CallChain.Export(request),
        Context = request.Context,
    };

    private void Send(Link link, GrainRequest request, long view)
    {
        var oneWay = request.Method.IsOneWay;
        var callId = oneWay ? 0 : Interlocked.Increment(ref _lastCallId);
        var buffer = FrameBuffer.Rent();
        try
        {
            codec.WriteRequest(buffer, Head(request, callId, view), request);
            if (buffer.Written.Length > options.MaxMessageBodySize)
            {
                throw new OrleansException($"{request.Description} is a message of {buffer.Written.Length} bytes; "
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
            if (!link.HasRoom || !link.TrySend(buffer.Written))
            {
                LogLost(logger, request.Description, link.Address);
            }

            buffer.Return();
            return;
        }

        var call = new SentCall(this, request, link, callId, view);
        request.Pending = call;
        _sent[callId] = call;
        link.CallOpened();
        if (request.IsDecided)
        {
            TryTake(callId, out _);
        }
        else if (!link.TrySend(buffer.Written, ref call.Position) && TryTake(callId, out _))
        {
            NotSent(request, link.Address);
        }

        buffer.Return();
    }

    /// <summary>Backpressure: the call waits, up to its deadline, for what is queued for the silo.</summary>
    private async Task SendLaterAsync(Link link, GrainRequest request, long view)
    {
        try
        {
            while (!request.IsDecided && !link.HasRoom)
            {
                await link.WaitForRoomAsync(_stopping.Token);
            }

            if (!request.IsDecided)
            {
                Send(link, request, view);
            }
        }
        catch (OperationCanceledException)
        {
            Refuse(request, "This process stops.");
        }
    }

    /// <summary>It did not leave: the next view may name another owner, or the silo can be reached again.</summary>
    private void NotSent(GrainRequest request, SiloAddress to)
    {
        if (request.Method.IsOneWay)
        {
            LogLost(logger, request.Description, to);
            return;
        }

        if (to.IsClient)
        {
            Refuse(request, new ClientNotAvailableException($"{to} is not connected: {request.Description}"));
            return;
        }

        if (request.TargetId.Type == ObserverTable.Type && views.Current is { Number: > 0 } view && !view.Contains(to))
        {
            Refuse(request, $"its observer was on {to}, which is gone."); // it moves nowhere
            return;
        }

        instruments.Resent();
        _ = RetryAsync(
            request, views.Snapshot, s => s.Current.Number > 0 && !s.Current.Contains(to), s_retryAfter);
    }

    private bool TryTake(long callId, [NotNullWhen(true)] out SentCall? call)
    {
        if (!_sent.TryRemove(callId, out call))
        {
            return false;
        }

        call.Link.CallEnded();
        return true;
    }

    private void FailAll()
    {
        foreach (var (_, call) in _sent)
        {
            call.Request.TryFail(new SiloUnavailableException(
                $"This process stops; whether {call.Request.Description} took effect is unknown."));
        }
    }

    private void ReceiveResponse(ref CborReader reader)
    {
        if (!TryTake(reader.ReadInt64(), out var call))
        {
            return;
        }

        var request = call.Request;

        switch ((ResponseStatus)reader.ReadInt32())
        {
            case ResponseStatus.Result:
                try
                {
                    request.ReadOutcome(ref reader);
                    instruments.Ended(CallOutcome.Ok);
                    request.CompleteCaller();
                }
                catch (Exception exception)
                {
                    End(request, exception);
                }

                break;
            case ResponseStatus.Failure:
                Fail(request, ref reader);
                break;
            case ResponseStatus.UnknownMethod:
                End(request, new OrleansException($"{call.Link.Address} knows no method "
                    + $"'{request.Method.Alias}' of grain interface '{request.InterfaceName}'."));
                break;
            default:
                Redirect(call, reader.ReadInt64());
                break;
        }
    }

    /// <summary>
    /// The silo did not start the call: it knows a later view, in which the grain isn't its own, or it may not serve,
    /// and a later view will say so.
    /// </summary>
    private void Redirect(SentCall call, long view)
    {
        instruments.Redirected();
        var needed = Math.Max(view, call.View + 1);
        _ = RetryAsync(
            call.Request, views.Snapshot, s => s.Current.Number >= needed,
            view > call.View ? null : s_askAgainAfter);
    }

    private void Fail(GrainRequest request, ref CborReader reader)
    {
        Exception failure;
        try
        {
            failure = codec.ReadFailure(ref reader);
        }
        catch (Exception exception)
        {
            failure = exception;
        }

        if (failure is InconsistentStateException conflict)
        {
            conflict.IsSourceActivation = false;
        }

        End(request, failure);
    }

    private void End(GrainRequest request, Exception failure)
    {
        instruments.Ended(CallOutcome.Error);
        request.Spoil(failure);
        request.CompleteCaller();
    }

    /// <summary>
    /// Sends a call, that was certainly not started, again once the view has moved on; its deadline bounds the wait.
    /// </summary>
    private async Task RetryAsync(
        GrainRequest request, ClusterSnapshot seen, Func<ClusterSnapshot, bool> ready, TimeSpan? atLatest = null)
    {
        try
        {
            if (!ready(seen))
            {
                Behind?.Invoke();
                await WaitAsync(s => request.IsDecided || ready(s), atLatest);
            }
            else
            {
                await Task.Yield();
            }

            if (!request.IsDecided)
            {
                RequestContext.Values = request.Context;
                node.Dispatch(request);
            }
        }
        catch (OperationCanceledException)
        {
            Refuse(request, "This process stops.");
        }
    }

    private async Task WaitAsync(Func<ClusterSnapshot, bool> ready, TimeSpan? atLatest)
    {
        if (atLatest is not { } wait)
        {
            await views.WaitAsync(ready, _stopping.Token);
            return;
        }

        using var limit = new CancellationTokenSource(wait, node.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _stopping.Token);
        try
        {
            await views.WaitAsync(ready, either.Token);
        }
        catch (OperationCanceledException) when (!_stopping.IsCancellationRequested)
        {
            // long enough: it is tried again as things are
        }
    }

    private void OnViewChanged(ClusterView view)
    {
        push.Publish(view);
        foreach (var (callId, call) in _sent)
        {
            // a silo that left in good order answers everything that reached it, so its answers are waited for; one
            // that was removed has no lease any more, and starts nothing that reaches it later
            var to = call.Link.Address;
            if (!to.IsClient && !view.Contains(to) && !view.Retired.Contains(to))
            {
                GiveUp(callId, call, $"Silo {to} left the cluster");
            }
        }
    }

    [LoggerMessage(
        EventId = 1301, Level = LogLevel.Warning, Message = "One-way call {Call} was lost: {Silo} can't be reached")]
    private static partial void LogLost(ILogger logger, string call, SiloAddress silo);

    [LoggerMessage(EventId = 1302, Level = LogLevel.Warning, Message = "A frame could not be read and was dropped")]
    private static partial void LogBadFrame(ILogger logger, Exception exception);
}
