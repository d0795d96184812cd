using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.Logging;
using Vault.Runtime.Activation;

namespace Vault.Runtime.Invocation;

/// <summary>Objects of this process that grains may call; held weakly, each called one call at a time.</summary>
internal sealed class ObserverTable(LocalNode node, ILogger<ObserverTable> logger)
{
    private const string TypeName = "sys.observer";
    private readonly ConcurrentDictionary<GrainId, Observer> _observers = new();

    public static GrainType Type { get; } = GrainType.Create(TypeName);

    /// <summary>The process that an observer's identity names.</summary>
    public static SiloAddress HomeOf(GrainId id)
    {
        var key = id.Key.AsSpan();
        return SiloAddress.FromParsableString(Encoding.UTF8.GetString(key[..key.IndexOf((byte)'/')]));
    }

    public static GrainId IdOf(SiloAddress home, string name) =>
        GrainId.Create(Type, $"{home.ToParsableString()}/{name}");

    public GrainId Add(IGrainObserver observer, string? name = null)
    {
        var id = IdOf(node.Address, name ?? Guid.NewGuid().ToString("N"));
        _observers[id] = new Observer(node.Executor, id, observer);
        return id;
    }

    public bool Remove(GrainId id) => _observers.TryRemove(id, out _);

    public void Receive(GrainRequest request)
    {
        if (_observers.TryGetValue(request.TargetId, out var observer) && observer.TryBind(request))
        {
            observer.Receive(request, mayRunHere: false);
            return;
        }

        _observers.TryRemove(request.TargetId, out _);
        logger.LogObserverGone(request.TargetId);
        request.Spoil(new ClientNotAvailableException($"The observer {request.TargetId} is gone."));
        request.Finish();
    }

    private sealed class Observer : TurnQueue
    {
        private readonly WeakReference<IGrainObserver> _object;

        public Observer(Executor executor, GrainId id, IGrainObserver observer)
            : base(executor)
        {
            Id = id;
            _object = new WeakReference<IGrainObserver>(observer);
            Open();
        }

        public override GrainId Id { get; }

        public override IGrainContext? Context => null;

        /// <summary>Holds the object for the time of a call.</summary>
        public bool TryBind(GrainRequest request)
        {
            if (!_object.TryGetTarget(out var target))
            {
                return false;
            }

            request.Target = target;
            return true;
        }

        protected override void OnAdmitted(Turn turn)
        {
        }

        protected override void OnEnded(Turn turn)
        {
        }

        protected override void OnQuiet()
        {
        }
    }
}

internal static partial class ObserverLog
{
    [LoggerMessage(EventId = 1104, Level = LogLevel.Debug, Message = "A call to {Observer} found no object")]
    public static partial void LogObserverGone(this ILogger logger, GrainId observer);
}
