namespace Orleans;

/// <summary>Identity of grains and references.</summary>
public static class GrainExtensions
{
    /// <summary>The identity of a grain or a reference.</summary>
    /// <exception cref="ArgumentException">It is neither.</exception>
    public static GrainId GetGrainId(this IAddressable grain) => grain switch
    {
        GrainReference reference => reference.GrainId,
        IGrainBase instance => instance.GrainContext.GrainId,
        null => throw new ArgumentNullException(nameof(grain)),
        _ => throw new ArgumentException(
            $"An object of type {grain.GetType()} is neither a grain nor a reference.", nameof(grain)),
    };

    /// <summary>The GUID key.</summary>
    public static Guid GetPrimaryKey(this IAddressable grain) => grain.GetPrimaryKey(out _);

    /// <summary>The GUID key and its extension; an integer key is widened.</summary>
    public static Guid GetPrimaryKey(this IAddressable grain, out string? keyExt)
    {
        var id = grain.GetGrainId();
        if (id.TryGetGuidKey(out var guid, out keyExt))
        {
            return guid;
        }

        if (id.TryGetIntegerKey(out var integer, out keyExt))
        {
            Span<byte> bytes = stackalloc byte[16];
            BitConverter.TryWriteBytes(bytes[8..], integer);
            return new Guid(bytes);
        }

        return id.GetGuidKey(out keyExt);
    }

    /// <summary>The integer key.</summary>
    public static long GetPrimaryKeyLong(this IAddressable grain) => grain.GetPrimaryKeyLong(out _);

    /// <summary>The integer key and its extension.</summary>
    public static long GetPrimaryKeyLong(this IAddressable grain, out string? keyExt) =>
        grain.GetGrainId().GetIntegerKey(out keyExt);

    /// <summary>The key as text.</summary>
    public static string GetPrimaryKeyString(this IAddressable grain) => grain.GetGrainId().Key.ToString()!;

    /// <summary>Whether the key is an integer.</summary>
    public static bool IsPrimaryKeyBasedOnLong(this IAddressable grain) => grain.GetGrainId().TryGetIntegerKey(out _);

    /// <summary>A reference to this grain.</summary>
    public static TGrainInterface AsReference<TGrainInterface>(this IAddressable grain) =>
        (TGrainInterface)grain.AsReference(typeof(TGrainInterface));

    /// <summary>A reference to the same grain by another interface.</summary>
    public static TGrainInterface Cast<TGrainInterface>(this IAddressable grain) =>
        grain.AsReference<TGrainInterface>();

    /// <summary>A reference to this grain.</summary>
    public static object AsReference(this IAddressable grain, Type interfaceType)
    {
        var reference = ToReference(grain);
        return interfaceType.IsInstanceOfType(reference)
            ? reference
            : reference.SharedState.References.Create(reference.GrainId, interfaceType);
    }

    /// <summary>A reference to the same grain by another interface.</summary>
    public static object Cast(this IAddressable grain, Type interfaceType) => grain.AsReference(interfaceType);

    private static GrainReference ToReference(IAddressable grain) => grain switch
    {
        GrainReference reference => reference,
        IGrainBase instance => instance.GrainContext.GrainReference,
        IGrainObserver =>
            throw new ArgumentException("Use IGrainFactory.CreateObjectReference for an observer.", nameof(grain)),
        null => throw new ArgumentNullException(nameof(grain)),
        _ => throw new ArgumentException(
            $"An object of type {grain.GetType()} is neither a grain nor a reference.", nameof(grain)),
    };
}
