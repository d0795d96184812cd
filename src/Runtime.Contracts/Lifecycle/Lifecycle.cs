namespace Orleans
{
    /// <summary>Takes part in a stage.</summary>
    public interface ILifecycleObserver
    {
        /// <summary>Runs on the way up.</summary>
        Task OnStart(CancellationToken cancellationToken = default);

        /// <summary>Runs on the way down, if <see cref="OnStart"/> ran.</summary>
        Task OnStop(CancellationToken cancellationToken = default);
    }

    /// <summary>Has stages to take part in.</summary>
    public interface ILifecycleObservable
    {
        /// <summary>Takes part in a stage until the result is disposed.</summary>
        IDisposable Subscribe(string observerName, int stage, ILifecycleObserver observer);
    }

    /// <summary>A component that takes part in a life cycle.</summary>
    /// <typeparam name="TLifecycleObservable">Which life cycle.</typeparam>
    public interface ILifecycleParticipant<TLifecycleObservable>
        where TLifecycleObservable : ILifecycleObservable
    {
        /// <summary>Subscribes to stages.</summary>
        void Participate(TLifecycleObservable lifecycle);
    }

    /// <summary>Stages of a silo or client.</summary>
    public static class ServiceLifecycleStage
    {
        /// <summary>Before all.</summary>
        public const int First = int.MinValue;

        /// <summary>The runtime is set up.</summary>
        public const int RuntimeInitialize = 2_000;

        /// <summary>The runtime's services start.</summary>
        public const int RuntimeServices = 4_000;

        /// <summary>Storage starts.</summary>
        public const int RuntimeStorageServices = 6_000;

        /// <summary>Services for grains start.</summary>
        public const int RuntimeGrainServices = 8_000;

        /// <summary>After services for grains.</summary>
        public const int AfterRuntimeGrainServices = 8_100;

        /// <summary>The application's services start.</summary>
        public const int ApplicationServices = 10_000;

        /// <summary>On the way down: directory of grains ends.</summary>
        public const int GrainDirectoryShutdown = 19_997;

        /// <summary>On the way down: activations end.</summary>
        public const int GrainDeactivation = 19_998;

        /// <summary>The silo joins.</summary>
        public const int BecomeActive = Active - 1;

        /// <summary>The silo serves.</summary>
        public const int Active = 20_000;

        /// <summary>After all.</summary>
        public const int Last = int.MaxValue;
    }
}

namespace Orleans.Runtime
{
    /// <summary>Stages of a silo.</summary>
    public interface ISiloLifecycle : ILifecycleObservable
    {
        /// <summary>The highest stage that has started.</summary>
        int HighestCompletedStage { get; }

        /// <summary>The lowest stage that has stopped.</summary>
        int LowestStoppedStage { get; }
    }

    /// <summary>Stages of an activation.</summary>
    public interface IGrainLifecycle : ILifecycleObservable;

    /// <summary>Stages of an activation.</summary>
    public static class GrainLifecycleStage
    {
        /// <summary>Before all.</summary>
        public const int First = int.MinValue;

        /// <summary>Stored state is read.</summary>
        public const int SetupState = 1_000;

        /// <summary><see cref="IGrainBase.OnActivateAsync"/> runs.</summary>
        public const int Activate = 2_000;

        /// <summary>After all.</summary>
        public const int Last = int.MaxValue;
    }

    /// <summary>Runs once when a silo has started.</summary>
    public interface IStartupTask
    {
        /// <summary>Runs.</summary>
        Task Execute(CancellationToken cancellationToken);
    }
}
