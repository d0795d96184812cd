namespace Vault.Events.Bus;

/// <summary>Says that there is something to read, never what.</summary>
/// <param name="Channel">Where.</param>
/// <param name="Number">Everything up to this number may be read; 0 when it is not known.</param>
/// <param name="Reason">Why the subscriber is woken.</param>
public readonly record struct WakeUp(EventChannel Channel, long Number, WakeReason Reason);

/// <summary>Why a subscriber is woken.</summary>
public enum WakeReason
{
    /// <summary>Somebody said so.</summary>
    News,

    /// <summary>Wake-ups may have been lost: what was read before proves nothing about what came since.</summary>
    Gap,

    /// <summary>Nobody said anything for a while.</summary>
    Poll,
}
