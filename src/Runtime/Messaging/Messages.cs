namespace Vault.Runtime.Messaging;

/// <summary>What a frame is.</summary>
internal enum FrameKind
{
    Request = 1,
    Response = 2,
    Cancel = 3,

    /// <summary>The view, told to a client.</summary>
    View = 4,
}

/// <summary>How a call ended.</summary>
internal enum ResponseStatus
{
    Result = 0,
    Failure = 1,

    /// <summary>The call was not started: the grain isn't this silo's in the view it names.</summary>
    NotOwner = 2,

    /// <summary>The call was not started: this process's build has no such method.</summary>
    UnknownMethod = 3,
}

/// <summary>The head of a request frame; the arguments follow it.</summary>
internal readonly record struct RequestHead
{
    /// <summary>Names the call in its answer; 0 when none is wanted.</summary>
    public long CallId { get; init; }

    /// <summary>The sender's view.</summary>
    public long View { get; init; }

    /// <summary>Interface and method, as <see cref="MethodKeys"/> names them.</summary>
    public ulong MethodKey { get; init; }

    public GrainId Target { get; init; }

    public GrainId Source { get; init; }

    /// <summary>Whether the method's token may be cancelled later.</summary>
    public bool Cancellable { get; init; }

    /// <summary>Turns that wait for the call, the nearest first; null when none does.</summary>
    public long[]? Chain { get; init; }

    public ContextValues? Context { get; init; }
}
