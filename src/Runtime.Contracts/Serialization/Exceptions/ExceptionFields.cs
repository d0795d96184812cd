using System.Runtime.CompilerServices;
using Orleans.Storage;

namespace Vault.Runtime.Serialization;

/// <summary>
/// What the framework's exceptions keep to themselves: their own message, without what <c>Message</c> adds to it.
/// </summary>
internal static class ExceptionFields
{
    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_message")]
    public static extern ref string? Message(Exception exception);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_innerException")]
    public static extern ref Exception? Inner(Exception exception);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_paramName")]
    public static extern ref string? ParameterName(ArgumentException exception);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_objectName")]
    public static extern ref string? ObjectName(ObjectDisposedException exception);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "<StoredEtag>k__BackingField")]
    public static extern ref string? StoredEtag(InconsistentStateException exception);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "<CurrentEtag>k__BackingField")]
    public static extern ref string? CurrentEtag(InconsistentStateException exception);
}
