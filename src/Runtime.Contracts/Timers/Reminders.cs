namespace Orleans.Runtime
{
    /// <summary>A handle of a reminder.</summary>
    public interface IGrainReminder
    {
        /// <summary>The name, unique for the grain.</summary>
        string ReminderName { get; }
    }

    /// <summary>What a tick says.</summary>
    /// <param name="firstTickTime">When the first tick was due.</param>
    /// <param name="period">The period.</param>
    /// <param name="timeStamp">When this tick was sent.</param>
    [GenerateSerializer, Immutable, Alias("orleans.tick")]
    public readonly struct TickStatus(DateTime firstTickTime, TimeSpan period, DateTime timeStamp)
    {
        /// <summary>When the first tick was due, UTC.</summary>
        [Id(0)]
        public DateTime FirstTickTime { get; } = firstTickTime;

        /// <summary>The period.</summary>
        [Id(1)]
        public TimeSpan Period { get; } = period;

        /// <summary>When this tick was sent, UTC.</summary>
        [Id(2)]
        public DateTime CurrentTickTime { get; } = timeStamp;

        /// <inheritdoc/>
        public override string ToString() => $"<{FirstTickTime}, {Period}, {CurrentTickTime}>";
    }

    /// <summary>A reminder could not be registered or removed.</summary>
    public sealed class ReminderException : OrleansException
    {
        /// <summary>With a message.</summary>
        public ReminderException(string message)
            : base(message)
        {
        }
    }
}

namespace Orleans
{
    /// <summary>A grain that takes reminders.</summary>
    [Alias("orleans.remindable")]
    public interface IRemindable : IGrain
    {
        /// <summary>A tick. It is a hint: ticks may be missed, late or doubled. Retries are safe.</summary>
        [Alias("ReceiveReminder")]
        Task ReceiveReminder(string reminderName, TickStatus status);
    }
}

namespace Orleans.Timers
{
    /// <summary>Registers reminders for grains.</summary>
    public interface IReminderRegistry
    {
        /// <summary>Registers a reminder, or changes its times.</summary>
        Task<IGrainReminder> RegisterOrUpdateReminder(
            GrainId callingGrainId, string reminderName, TimeSpan dueTime, TimeSpan period);

        /// <summary>Removes a reminder.</summary>
        Task UnregisterReminder(GrainId callingGrainId, IGrainReminder reminder);

        /// <summary>The reminder of that name, or null.</summary>
        Task<IGrainReminder?> GetReminder(GrainId callingGrainId, string reminderName);

        /// <summary>All of the grain's reminders.</summary>
        Task<List<IGrainReminder>> GetReminders(GrainId callingGrainId);
    }
}
