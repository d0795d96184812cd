using Microsoft.Extensions.Logging;
using Vault.Runtime.Activation;
using Vault.Runtime.Messaging;
using Vault.Runtime.Ownership;

namespace Vault.Runtime.Invocation;

/// <summary>
/// Takes each call to the activation that serves it: here, on the caller's thread when that is idle, or on another
/// silo.
/// </summary>
internal sealed partial class CallDispatcher : CallRuntime
{
    /// <summary>
    /// Within this time of a lease's end the others hand its grains over, unless they have lost the database too.
    /// </summary>
    private static readonly TimeSpan s_handOver = TimeSpan.FromSeconds(3);

    private readonly LocalNode _node;
    private readonly GrainCatalog _catalog;
    private readonly ActivationTable _table;
    private readonly ViewHolder _views;
    private readonly ObserverTable _observers;
    private readonly CallDeadlines _deadlines;
    private readonly IRemoteCalls _remote;
    private readonly OutgoingFilters _outgoing;
    private readonly TimeSpan _responseTimeout;
    private readonly OneWayOwner _oneWay;

    public CallDispatcher(
        LocalNode node,
        GrainCatalog catalog,
        ActivationTable table,
        ViewHolder views,
        ObserverTable observers,
        CallDeadlines deadlines,
        IRemoteCalls remote,
        OutgoingFilters outgoing,
        TimeSpan responseTimeout,
        ILogger<CallDispatcher> logger)
    {
        (_node, _catalog, _table, _views, _observers, _deadlines) = (node, catalog, table, views, observers, deadlines);
        (_remote, _outgoing, _responseTimeout) = (remote, outgoing, responseTimeout);
        _oneWay = new OneWayOwner(logger);
        node.Dispatch = request => Route(null, request, mayRunHere: false);
    }

    internal override bool HasOutgoingFilters => _outgoing.Any;

    internal override void Send(GrainProxy proxy, GrainRequest request)
    {
        request.TargetId = proxy.GrainId;
        request.InterfaceName = proxy.InterfaceName;
        if (RequestContext.Values is { } context)
        {
            request.Context = context;
            request.ReentrancyId = context.ReentrancyId;
        }

        var caller = Turn.Running;
        if (caller is not null)
        {
            request.SourceId = caller.Host!.Id;
        }

        var token = request.CancellationToken;
        if (token.IsCancellationRequested)
        {
            request.TryFail(new OperationCanceledException(token));
            return;
        }

        if (request.Method.IsOneWay)
        {
            request.Owner = _oneWay;
            Start(proxy, request, mayRunHere: false);
            return;
        }

        if (caller is not null)
        {
            request.Caller = caller;
            request.Depth = caller.Depth + 1;
        }

        Start(proxy, request, mayRunHere: true);
        if (!request.IsDecided)
        {
            Watch(request, token);
        }
    }

    internal override ValueTask<T> SendFilteredAsync<T>(GrainProxy proxy, GrainRequest<T> request) =>
        new(_outgoing.InvokeAsync(this, proxy, request));

    internal override Task SendFilteredAsync(GrainProxy proxy, VoidGrainRequest request) =>
        _outgoing.InvokeAsync(this, proxy, request);

    internal override void SendFilteredOneWay(GrainProxy proxy, GrainRequest request) =>
        _outgoing.InvokeOneWay(this, proxy, request);

    /// <summary>
    /// Takes a call that arrived from another silo or a client; false when the grain isn't this silo's to serve.
    /// </summary>
    internal bool ReceiveRemote(GrainRequest request)
    {
        request.Prepare();
        if (request.TargetId.Type == ObserverTable.Type)
        {
            _observers.Receive(request);
            return true;
        }

        // one that leaves takes no more work for others, so that nothing is under way when it is gone
        return _views.Current.IsOwner(_node.Address) && TryServe(null, request, mayRunHere: false);
    }

    private void Start(GrainProxy proxy, GrainRequest request, bool mayRunHere)
    {
        if (proxy.LastTarget is Destination last)
        {
            request.CopyArguments();
            request.Prepare();
            if (last.Receive(request, mayRunHere))
            {
                return;
            }

            proxy.LastTarget = null;
        }

        Route(proxy, request, mayRunHere);
    }

    private void Route(GrainProxy? proxy, GrainRequest request, bool mayRunHere)
    {
        if (request.TargetId.Type == ObserverTable.Type)
        {
            if (ObserverTable.HomeOf(request.TargetId) is var home && !home.Equals(_node.Address))
            {
                _remote.Send(home, request);
                return;
            }

            CopyOnce(request);
            _observers.Receive(request);
        }
        else if (!TryServe(proxy, request, mayRunHere))
        {
            _remote.Route(request, stopping: _table.IsClosed);
        }
    }

    private bool TryServe(GrainProxy? proxy, GrainRequest request, bool mayRunHere)
    {
        var id = request.TargetId;
        if (!_catalog.Classes.TryGetValue(id.Type, out var grainClass)
            || (grainClass.MaxLocalWorkers == 0 && !_node.Address.Equals(_views.Current.OwnerOf(id))))
        {
            return false;
        }

        if (!_node.IsServing)
        {
            if (request.Owner is RemoteServer.Served && _node.Lease.Over < s_handOver)
            {
                return false; // its caller waits for the view that names another, which is about to come
            }

            request.Spoil(new SiloUnavailableException(
                $"{request.Description} was not started: the lease of {_node.Address} has ended."));
            request.Finish();
            return true;
        }

        CopyOnce(request);
        while (_table.GetOrAdd(id, grainClass) is { } destination)
        {
            if (destination.Receive(request, mayRunHere))
            {
                if (proxy is not null)
                {
                    proxy.LastTarget = destination;
                }

                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Copies what the caller may change, and keeps its execution context; once, wherever the call is sent then.
    /// </summary>
    private static void CopyOnce(GrainRequest request)
    {
        if (request.Starter is null)
        {
            if (!request.ArgumentsAreKept)
            {
                request.CopyArguments();
            }

            request.Prepare();
        }
    }

    private void Watch(GrainRequest request, CancellationToken token)
    {
        _deadlines.Add(request, request.Method.ResponseTimeout ?? _responseTimeout);
        if (token.CanBeCanceled)
        {
            request.Cancellation = token.UnsafeRegister(
                static (request, token) => ((GrainRequest)request!).TryFail(new OperationCanceledException(token)),
                request);
            if (request.IsDecided)
            {
                request.Cancellation.Unregister();
            }
        }
    }

    /// <summary>Nobody waits for these: a failure is logged.</summary>
    private sealed partial class OneWayOwner(ILogger logger) : ICallOwner
    {
        public void Completed(GrainRequest request, Exception? error)
        {
            if (error is not null)
            {
                LogFailed(logger, error, request.Method.DisplayName, request.TargetId);
            }
        }

        [LoggerMessage(EventId = 1201, Level = LogLevel.Warning, Message = "One-way call {Method} of {Grain} failed")]
        private static partial void LogFailed(ILogger logger, Exception exception, string method, GrainId grain);
    }
}

/// <summary>Takes calls to other processes.</summary>
internal interface IRemoteCalls
{
    /// <summary>Sends a call to the silo that serves the grain now; the call fails when there is none.</summary>
    /// <param name="request">The call.</param>
    /// <param name="stopping">This silo starts no more calls.</param>
    void Route(GrainRequest request, bool stopping);

    /// <summary>Sends a call to this process.</summary>
    void Send(SiloAddress to, GrainRequest request);
}
