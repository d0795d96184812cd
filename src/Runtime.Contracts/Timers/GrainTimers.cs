namespace Orleans.Runtime
{
    /// <summary>A timer of one activation; its ticks are calls to the grain itself. Dispose it to stop it.</summary>
    public interface IGrainTimer : IDisposable
    {
        /// <summary>Sets the times anew; during a tick it takes effect when the tick ends.</summary>
        void Change(TimeSpan dueTime, TimeSpan period);
    }

    /// <summary>How a timer ticks.</summary>
    public readonly struct GrainTimerCreationOptions : IEquatable<GrainTimerCreationOptions>
    {
        /// <summary>Set the properties.</summary>
        public GrainTimerCreationOptions()
        {
        }

        /// <summary>With these times.</summary>
        [System.Diagnostics.CodeAnalysis.SetsRequiredMembers]
        public GrainTimerCreationOptions(TimeSpan dueTime, TimeSpan period) => (DueTime, Period) = (dueTime, period);

        /// <summary>Time until the first tick; infinite for none.</summary>
        public required TimeSpan DueTime { get; init; }

        /// <summary>Time from the end of one tick to the next; infinite for none.</summary>
        public required TimeSpan Period { get; init; }

        /// <summary>Whether ticks interleave with calls.</summary>
        public bool Interleave { get; init; }

        /// <summary>Whether ticks keep the activation from being idle.</summary>
        public bool KeepAlive { get; init; }

        /// <inheritdoc/>
        public bool Equals(GrainTimerCreationOptions other) =>
            DueTime == other.DueTime && Period == other.Period && Interleave == other.Interleave
            && KeepAlive == other.KeepAlive;

        /// <inheritdoc/>
        public override bool Equals(object? obj) => obj is GrainTimerCreationOptions other && Equals(other);

        /// <inheritdoc/>
        public override int GetHashCode() => HashCode.Combine(DueTime, Period, Interleave, KeepAlive);

        /// <summary>Equality.</summary>
        public static bool operator ==(GrainTimerCreationOptions left, GrainTimerCreationOptions right) =>
            left.Equals(right);

        /// <summary>Inequality.</summary>
        public static bool operator !=(GrainTimerCreationOptions left, GrainTimerCreationOptions right) =>
            !left.Equals(right);
    }
}

namespace Orleans.Timers
{
    /// <summary>Makes timers for activations.</summary>
    public interface ITimerRegistry
    {
        /// <summary>A timer whose ticks interleave with calls.</summary>
        IDisposable RegisterTimer(
            IGrainContext grainContext, Func<object?, Task> callback, object? state, TimeSpan dueTime, TimeSpan period);

        /// <summary>A timer.</summary>
        IGrainTimer RegisterGrainTimer<TState>(
            IGrainContext grainContext, Func<TState, CancellationToken, Task> callback, TState state,
            GrainTimerCreationOptions options);
    }
}
