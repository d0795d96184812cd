namespace Vault.Runtime.Serialization;

/// <summary>Bounds that hold for every message, whatever its length says.</summary>
internal static class CborLimits
{
    /// <summary>Containers inside containers; also what stops a cyclic graph from being written.</summary>
    public const int MaxDepth = 96;

    /// <summary>Elements allocated on the strength of a length alone; more are allocated as they arrive.</summary>
    public const int MaxInitialCapacity = 1024;
}
