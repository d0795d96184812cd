namespace Orleans.Runtime
{
    /// <summary>How a silo is chosen for a new activation.</summary>
    public abstract class PlacementStrategy
    {
        /// <summary>Whether there is one activation in the cluster.</summary>
        public virtual bool IsUsingGrainDirectory => true;
    }

    internal sealed class HashedOwnership : PlacementStrategy
    {
        internal static HashedOwnership Instance { get; } = new();
    }

    internal sealed class StatelessWorkerPlacement(int maxLocal, bool removeIdleWorkers) : PlacementStrategy
    {
        public override bool IsUsingGrainDirectory => false;

        internal int MaxLocal { get; } = maxLocal;

        internal bool RemoveIdleWorkers { get; } = removeIdleWorkers;
    }
}

namespace Orleans.Placement
{

    /// <summary>Base of attributes that choose a placement.</summary>
    [AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
    public abstract class PlacementAttribute : Attribute
    {
        /// <summary>With this strategy.</summary>
        protected PlacementAttribute(PlacementStrategy placement) => PlacementStrategy = placement;

        /// <summary>The strategy.</summary>
        public PlacementStrategy PlacementStrategy { get; }
    }

    /// <summary>A hint; this engine places every grain by hashing its identity over the live silos.</summary>
    [AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
    public sealed class PreferLocalPlacementAttribute() : PlacementAttribute(HashedOwnership.Instance);

    /// <summary>A hint; this engine places every grain by hashing its identity over the live silos.</summary>
    [AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
    public sealed class RandomPlacementAttribute() : PlacementAttribute(HashedOwnership.Instance);

    /// <summary>Placement by hashing the grain's identity over the live silos.</summary>
    [AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
    public sealed class HashBasedPlacementAttribute() : PlacementAttribute(HashedOwnership.Instance);

    /// <summary>A hint; this engine places every grain by hashing its identity over the live silos.</summary>
    [AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
    public sealed class ActivationCountBasedPlacementAttribute() : PlacementAttribute(HashedOwnership.Instance);

    /// <summary>A hint; this engine places every grain by hashing its identity over the live silos.</summary>
    [AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
    public sealed class ResourceOptimizedPlacementAttribute() : PlacementAttribute(HashedOwnership.Instance);
}

namespace Orleans.Concurrency
{
    /// <summary>Several activations on every silo; each call goes to an idle local one.</summary>
    /// <param name="maxLocalWorkers">At most this many on a silo; below 1 means one for each processor.</param>
    /// <param name="removeIdleWorkers">Whether workers that idle are collected.</param>
    [AttributeUsage(AttributeTargets.Class)]
    public sealed class StatelessWorkerAttribute(int maxLocalWorkers, bool removeIdleWorkers)
        : Orleans.Placement.PlacementAttribute(new StatelessWorkerPlacement(maxLocalWorkers, removeIdleWorkers))
    {
        /// <summary>One worker for each processor.</summary>
        public StatelessWorkerAttribute()
            : this(-1)
        {
        }

        /// <summary>At most this many workers on a silo.</summary>
        public StatelessWorkerAttribute(int maxLocalWorkers)
            : this(maxLocalWorkers, true)
        {
        }
    }
}
