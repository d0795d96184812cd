using Vault.Runtime.Invocation;

namespace Orleans.Runtime;

/// <summary>A reference to a grain or an observer; equal when identity and interface are.</summary>
[Immutable]
public class GrainReference : IAddressable, IEquatable<GrainReference>
{
    internal GrainReference(GrainProxyShared shared, GrainId grainId)
    {
        SharedState = shared;
        GrainId = grainId;
    }

    /// <summary>What it refers to.</summary>
    public GrainId GrainId { get; }

    /// <summary>The interface it is called by.</summary>
    public GrainInterfaceType InterfaceType => SharedState.InterfaceType;

    /// <summary>The interface's name.</summary>
    public virtual string InterfaceName => SharedState.InterfaceName;

    internal GrainProxyShared SharedState { get; }

    /// <summary>A reference to the same grain by another interface.</summary>
    public virtual TGrainInterface Cast<TGrainInterface>()
        where TGrainInterface : IAddressable =>
        this is TGrainInterface same
            ? same
            : (TGrainInterface)(object)SharedState.References.Create(GrainId, typeof(TGrainInterface));

    /// <inheritdoc/>
    public bool Equals(GrainReference? other) =>
        ReferenceEquals(this, other)
        || (other is not null && GrainId == other.GrainId && InterfaceType == other.InterfaceType);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as GrainReference);

    /// <inheritdoc/>
    public override int GetHashCode() => GrainId.GetHashCode();

    /// <summary>A hash that is the same in every process.</summary>
    public uint GetUniformHashCode() => GrainId.GetUniformHashCode();

    /// <inheritdoc/>
    public override string ToString() => $"GrainReference:{GrainId}:{InterfaceType}";

    /// <summary>Equality.</summary>
    public static bool operator ==(GrainReference? reference1, GrainReference? reference2) =>
        reference1 is null ? reference2 is null : reference1.Equals(reference2);

    /// <summary>Inequality.</summary>
    public static bool operator !=(GrainReference? reference1, GrainReference? reference2) =>
        !(reference1 == reference2);
}
