namespace Orleans;

/// <summary>A state on its way to or from storage.</summary>
/// <typeparam name="T">The state's type.</typeparam>
public interface IGrainState<T>
{
    /// <summary>The state.</summary>
    T? State { get; set; }

    /// <summary>The stored version.</summary>
    string? ETag { get; set; }

    /// <summary>Whether something is stored.</summary>
    bool RecordExists { get; set; }
}

/// <summary>A state on its way to or from storage.</summary>
/// <typeparam name="T">The state's type.</typeparam>
/// <param name="state">The state.</param>
/// <param name="eTag">The stored version.</param>
public sealed class GrainState<T>(T? state, string? eTag) : IGrainState<T>
{
    /// <summary>Nothing.</summary>
    public GrainState()
        : this(default, null)
    {
    }

    /// <summary>A state that isn't stored.</summary>
    public GrainState(T? state)
        : this(state, null)
    {
    }

    /// <inheritdoc/>
    public T? State { get; set; } = state;

    /// <inheritdoc/>
    public string? ETag { get; set; } = eTag;

    /// <inheritdoc/>
    public bool RecordExists { get; set; }
}
