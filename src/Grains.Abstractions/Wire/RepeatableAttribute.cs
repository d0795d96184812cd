namespace Vault.Grains.Abstractions.Wire;

/// <summary>
/// A call that may be sent again when its outcome is unknown (a time-out, a silo that left): a repeat changes nothing
/// that the first did not, and answers the same or what is said at the method. Front ends repeat such calls by
/// themselves (decisions §2.5); one without it they repeat only when it certainly did not run.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RepeatableAttribute : Attribute;
