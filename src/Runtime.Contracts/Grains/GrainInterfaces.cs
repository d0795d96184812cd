namespace Orleans.Runtime
{
    /// <summary>Something that can be called by reference.</summary>
    public interface IAddressable;
}

namespace Orleans
{

    /// <summary>Base of all grain interfaces; take the one that names the kind of key.</summary>
    public interface IGrain : IAddressable;

    /// <summary>A grain whose key is a GUID.</summary>
    public interface IGrainWithGuidKey : IGrain;

    /// <summary>A grain whose key is an integer.</summary>
    public interface IGrainWithIntegerKey : IGrain;

    /// <summary>A grain whose key is a string.</summary>
    public interface IGrainWithStringKey : IGrain;

    /// <summary>A grain whose key is a GUID and a string.</summary>
    public interface IGrainWithGuidCompoundKey : IGrain;

    /// <summary>A grain whose key is an integer and a string.</summary>
    public interface IGrainWithIntegerCompoundKey : IGrain;

    /// <summary>An object, not a grain, that grains may call back.</summary>
    public interface IGrainObserver : IAddressable;

    /// <summary>What a grain class must implement, <see cref="Grain"/> does.</summary>
    public interface IGrainBase
    {
        /// <summary>The activation.</summary>
        IGrainContext GrainContext { get; }

        /// <summary>Runs before the first call; a failure fails the calls that wait.</summary>
        /// <param name="token">Ends when activating takes too long.</param>
        Task OnActivateAsync(CancellationToken token) => Task.CompletedTask;

        /// <summary>Runs after the last call; not when the process dies.</summary>
        /// <param name="reason">Why.</param>
        /// <param name="token">Ends when deactivating takes too long.</param>
        Task OnDeactivateAsync(DeactivationReason reason, CancellationToken token) => Task.CompletedTask;
    }
}
