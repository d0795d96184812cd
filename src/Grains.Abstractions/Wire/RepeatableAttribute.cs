namespace Vault.Grains.Abstractions.Wire;

/// <summary>
/// A call that may be sent again when its outcome is unknown (a time-out, a silo that left): a repeat undoes nothing
/// that others did after the first, changes nothing that the first did not but what is said at the method, and answers
/// the same or what is said there. Front ends repeat such calls by themselves (decisions §2.5); one without it they
/// repeat only when it certainly did not run.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RepeatableAttribute : Attribute;
