using Orleans.Storage;

namespace Orleans.Configuration
{
    /// <summary>A storage in memory.</summary>
    public sealed class MemoryGrainStorageOptions : IStorageProviderSerializerOptions
    {
        /// <summary>How many grains hold it.</summary>
        public int NumStorageGrains { get; set; } = 10;

        /// <summary>The stage at which it starts.</summary>
        public int InitStage { get; set; } = ServiceLifecycleStage.ApplicationServices;

        /// <summary>Turns states into bytes.</summary>
        public IGrainStorageSerializer GrainStorageSerializer { get; set; } = default!;
    }
}

namespace Orleans.Hosting
{
    /// <summary>How reminders tick.</summary>
    public sealed class ReminderOptions
    {
        /// <summary>The shortest period that may be registered.</summary>
        public TimeSpan MinimumReminderPeriod { get; set; } = TimeSpan.FromMinutes(1);

        /// <summary>How often the table is read.</summary>
        public TimeSpan RefreshReminderListPeriod { get; set; } = TimeSpan.FromMinutes(5);

        /// <summary>How long starting may take.</summary>
        public TimeSpan InitializationTimeout { get; set; } = TimeSpan.FromMinutes(5);
    }
}
