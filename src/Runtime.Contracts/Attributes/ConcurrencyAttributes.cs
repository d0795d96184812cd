namespace Orleans.Concurrency;

/// <summary>All calls of this class may interleave at awaits.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ReentrantAttribute : Attribute;

/// <summary>Calls of this method interleave with any other.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class AlwaysInterleaveAttribute : Attribute;

/// <summary>Calls of this method interleave with other read-only ones.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ReadOnlyAttribute : Attribute;

/// <summary>The caller doesn't wait and never learns the outcome.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OneWayAttribute : Attribute;

/// <summary>No effect; order between calls is never promised.</summary>
[AttributeUsage(AttributeTargets.Interface | AttributeTargets.Method)]
[Obsolete("Has no effect.")]
public sealed class UnorderedAttribute : Attribute;

/// <summary>Asks a method of the class whether a call may interleave.</summary>
/// <param name="callbackMethodName">A method <c>bool M(IInvokable)</c>, static or not.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class MayInterleaveAttribute(string callbackMethodName) : Attribute
{
    /// <summary>The method's name.</summary>
    internal string CallbackMethodName { get; } = callbackMethodName;
}
