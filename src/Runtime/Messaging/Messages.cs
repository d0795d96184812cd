namespace Vault.Runtime.Messaging;

/// <summary>What a frame is.</summary>
internal enum FrameKind
{
    Request = 1,
    Response = 2,
    Cancel = 3,
}

/// <summary>How a call ended.</summary>
internal enum ResponseStatus
{
    Result = 0,
    Failure = 1,

    /// <summary>The call was not started: the grain isn't this silo's in the view it names.</summary>
    NotOwner = 2,
}

/// <summary>The head of a request frame; the arguments follow it.</summary>
internal sealed record RequestHead
{
    public required long CallId { get; init; }

    public required SiloAddress From { get; init; }

    /// <summary>The sender's view.</summary>
    public required long View { get; init; }

    public required GrainId Source { get; init; }

    public required GrainId Target { get; init; }

    public required string Interface { get; init; }

    public required string Method { get; init; }

    /// <summary>Whether the method's token may be cancelled later.</summary>
    public required bool Cancellable { get; init; }

    public required long[] Chain { get; init; }

    public required ContextValues? Context { get; init; }
}
