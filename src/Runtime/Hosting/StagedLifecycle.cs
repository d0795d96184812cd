namespace Vault.Runtime.Hosting;

/// <summary>Runs observers up through their stages and down again; observers of one stage run together.</summary>
internal class StagedLifecycle : ILifecycleObservable
{
    private readonly Lock _gate = new();
    private readonly List<Subscription> _subscriptions = [];
    private List<int> _started = [];

    public int HighestCompletedStage { get; private set; } = int.MinValue;

    public int LowestStoppedStage { get; private set; } = int.MaxValue;

    public IDisposable Subscribe(string observerName, int stage, ILifecycleObserver observer)
    {
        var subscription = new Subscription(this, observerName, stage, observer);
        lock (_gate)
        {
            _subscriptions.Add(subscription);
        }

        return subscription;
    }

    public async Task StartAsync(CancellationToken ct)
    {
        List<int> stages;
        lock (_gate)
        {
            stages = [.. _subscriptions.Select(s => s.Stage).Distinct().Order()];
            _started = [];
        }

        foreach (var stage in stages)
        {
            ct.ThrowIfCancellationRequested();
            _started.Add(stage);
            await WhenAll(stage, observer => observer.OnStart(ct));
            HighestCompletedStage = stage;
        }
    }

    /// <summary>Stops every stage that started, also when one fails; the first failure is thrown at the end.</summary>
    public async Task StopAsync(CancellationToken ct)
    {
        Exception? failure = null;
        for (var i = _started.Count - 1; i >= 0; i--)
        {
            try
            {
                await WhenAll(_started[i], observer => observer.OnStop(ct));
            }
            catch (Exception exception)
            {
                failure ??= exception;
            }

            LowestStoppedStage = _started[i];
        }

        _started = [];
        if (failure is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        }
    }

    private async Task WhenAll(int stage, Func<ILifecycleObserver, Task> run)
    {
        List<ILifecycleObserver> observers;
        lock (_gate)
        {
            observers = [.. _subscriptions.Where(s => s.Stage == stage).Select(s => s.Observer)];
        }

        if (observers.Count == 1)
        {
            await run(observers[0]);
        }
        else
        {
            await Task.WhenAll(observers.Select(Guarded));
        }

        async Task Guarded(ILifecycleObserver observer) => await run(observer);
    }

    private sealed record Subscription(
        StagedLifecycle Owner, string Name, int Stage, ILifecycleObserver Observer) : IDisposable
    {
        public void Dispose()
        {
            lock (Owner._gate)
            {
                Owner._subscriptions.RemoveAll(s => ReferenceEquals(s, this));
            }
        }
    }
}
