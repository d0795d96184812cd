using System.Globalization;

namespace Orleans
{
    /// <summary>Names the grain type of a class.</summary>
    /// <param name="grainType">The name; part of every identity, so never change it.</param>
    [AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
    public sealed class GrainTypeAttribute(string grainType) : Attribute
    {
        internal string Name { get; } = grainType;
    }

    /// <summary>Activations are not collected while idle.</summary>
    [AttributeUsage(AttributeTargets.Class, AllowMultiple = false, Inherited = true)]
    public sealed class KeepAliveAttribute : Attribute;

    /// <summary>After how long an idle activation of this class is collected.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    public sealed class CollectionAgeLimitAttribute : Attribute
    {
        /// <summary>Set <see cref="Days"/>, <see cref="Hours"/> and <see cref="Minutes"/>.</summary>
        public CollectionAgeLimitAttribute()
        {
        }

        /// <summary>A time span as text.</summary>
        public CollectionAgeLimitAttribute(string inactivityPeriod)
        {
            var period = TimeSpan.Parse(inactivityPeriod, CultureInfo.InvariantCulture);
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(period, TimeSpan.Zero, nameof(inactivityPeriod));
            (Days, Hours, Minutes) = (period.TotalDays, 0, 0);
        }

        /// <summary>Days.</summary>
        public double Days { get; set; }

        /// <summary>Hours.</summary>
        public double Hours { get; set; }

        /// <summary>Minutes.</summary>
        public double Minutes { get; set; }

        /// <summary>Never collect.</summary>
        public bool AlwaysActive { get; set; }

        internal TimeSpan AgeLimit => AlwaysActive
            ? Timeout.InfiniteTimeSpan
            : TimeSpan.FromDays(Days) + TimeSpan.FromHours(Hours) + TimeSpan.FromMinutes(Minutes);
    }

    /// <summary>How long callers of a method, or of all methods of an interface, wait.</summary>
    /// <param name="timeout">A time span as text.</param>
    [AttributeUsage(AttributeTargets.Interface | AttributeTargets.Method)]
    public sealed class ResponseTimeoutAttribute(string timeout) : Attribute
    {
        /// <summary>The time.</summary>
        public TimeSpan? Timeout { get; init; } = TimeSpan.Parse(timeout, CultureInfo.InvariantCulture);
    }
}

namespace Orleans.Runtime
{
    /// <summary>Names a grain interface.</summary>
    /// <param name="value">The name; it is on the wire.</param>
    [AttributeUsage(AttributeTargets.Interface, AllowMultiple = false)]
    public sealed class GrainInterfaceTypeAttribute(string value) : Attribute
    {
        internal string Name { get; } = value;
    }
}

namespace Orleans.Metadata
{
    /// <summary>Which grain class an interface means when several implement it.</summary>
    /// <param name="grainType">The class's grain type.</param>
    [AttributeUsage(AttributeTargets.Interface, AllowMultiple = false)]
    public sealed class DefaultGrainTypeAttribute(string grainType) : Attribute
    {
        internal string GrainTypeName { get; } = grainType;
    }
}

namespace Orleans.Providers
{
    /// <summary>Which storage a <see cref="Grain{TGrainState}"/> uses.</summary>
    [AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
    public sealed class StorageProviderAttribute : Attribute
    {
        /// <summary>The storage's name.</summary>
        public string ProviderName { get; set; } = ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME;
    }

    /// <summary>Names with a meaning.</summary>
    public static class ProviderConstants
    {
        /// <summary>The storage used when none is named.</summary>
        public const string DEFAULT_STORAGE_PROVIDER_NAME = "Default";
    }
}

namespace Orleans.CodeGeneration
{
    /// <summary>The version of a grain interface.</summary>
    /// <param name="version">Grows with every change.</param>
    [AttributeUsage(AttributeTargets.Interface)]
    public sealed class VersionAttribute(ushort version) : Attribute
    {
        /// <summary>The version.</summary>
        public ushort Version { get; } = version;
    }

    /// <summary>How a method is called.</summary>
    [Flags]
    public enum InvokeMethodOptions
    {
        /// <summary>With a response.</summary>
        None = 0,

        /// <summary>Without a response.</summary>
        OneWay = 1 << 0,

        /// <summary>It doesn't change state.</summary>
        ReadOnly = 1 << 1,

        /// <summary>It interleaves with any other call.</summary>
        AlwaysInterleave = 1 << 2,

        /// <summary>No effect.</summary>
        Unordered = 1 << 3,
    }
}

namespace Orleans.GrainDirectory
{
    /// <summary>Names a grain directory; the engine has one, ownership by hashing, so it has no effect here.</summary>
    /// <param name="grainDirectoryName">The directory's name.</param>
    [AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
    public sealed class GrainDirectoryAttribute(string grainDirectoryName) : Attribute
    {
        /// <summary>The default directory's name.</summary>
        public const string DEFAULT_GRAIN_DIRECTORY = "default";

        /// <summary>The default directory.</summary>
        public GrainDirectoryAttribute()
            : this(DEFAULT_GRAIN_DIRECTORY)
        {
        }

        /// <summary>The directory's name.</summary>
        public string GrainDirectoryName { get; set; } = grainDirectoryName;
    }
}
