using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Vault.Runtime.Ownership;

/// <summary>
/// The system's time, with timestamps of CLOCK_BOOTTIME: unlike those of <c>Stopwatch</c> they count the time for which
/// the machine was suspended.
/// </summary>
internal sealed partial class BootTimeProvider : TimeProvider
{
    private const int BootTime = 7;
    private const long NanosecondsPerSecond = 1_000_000_000;

    public static BootTimeProvider Instance { get; } = new();

    public override long TimestampFrequency => NanosecondsPerSecond;

    public override long GetTimestamp()
    {
        if (ReadClock(BootTime, out var time) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), "CLOCK_BOOTTIME can't be read.");
        }

        return (time.Seconds * NanosecondsPerSecond) + time.Nanoseconds;
    }

    /// <summary>No system call: the kernel maps this clock into the process.</summary>
    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    [SuppressGCTransition]
    private static partial int ReadClock(int clock, out Timespec time);

    private struct Timespec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}

/// <summary>The clock of leases: the boot-time clock, or a test's own.</summary>
internal sealed record LeaseClock(TimeProvider Time)
{
    public static LeaseClock Of(TimeProvider time) =>
        new(ReferenceEquals(time, TimeProvider.System) ? BootTimeProvider.Instance : time);
}
