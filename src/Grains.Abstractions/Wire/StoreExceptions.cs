namespace Vault.Grains.Abstractions.Wire;

/// <summary>The database is away or refused the work before anything was committed: nothing changed, a retry is safe.
/// Front ends answer 503.</summary>
[GenerateSerializer, Alias("vault.store-unavailable")]
public class StoreUnavailableException : Exception
{
    /// <summary>An exception without a message.</summary>
    public StoreUnavailableException() { }

    /// <summary>An exception that says what was away.</summary>
    public StoreUnavailableException(string message) : base(message) { }

    /// <summary>An exception that says what was away, and why.</summary>
    public StoreUnavailableException(string message, Exception innerException) : base(message, innerException) { }
}

/// <summary>A newer activation of the grain has taken over: nothing changed, and the same call made again reaches it. Front
/// ends repeat it by themselves.</summary>
[GenerateSerializer, Alias("vault.superseded")]
public sealed class SupersededException : StoreUnavailableException
{
    /// <summary>An exception without a message.</summary>
    public SupersededException() { }

    /// <summary>An exception that says which grain it was.</summary>
    public SupersededException(string message) : base(message) { }

    /// <summary>An exception that says which grain it was, and why.</summary>
    public SupersededException(string message, Exception innerException) : base(message, innerException) { }
}

/// <summary>COMMIT had been sent when the connection was lost: the change may or may not be there.
/// Front ends answer 503; a caller reads before it repeats.</summary>
[GenerateSerializer, Alias("vault.outcome-unknown")]
public sealed class OutcomeUnknownException : Exception
{
    /// <summary>An exception without a message.</summary>
    public OutcomeUnknownException() { }

    /// <summary>An exception that says which commit is in doubt.</summary>
    public OutcomeUnknownException(string message) : base(message) { }

    /// <summary>An exception that says which commit is in doubt, and why.</summary>
    public OutcomeUnknownException(string message, Exception innerException) : base(message, innerException) { }
}

/// <summary>A disk is full up to its reserve: nothing was written; deletes still work. Front ends answer 503.</summary>
[GenerateSerializer, Alias("vault.store-full")]
public sealed class StoreFullException : Exception
{
    /// <summary>An exception without a message.</summary>
    public StoreFullException() { }

    /// <summary>An exception that says which disk is full.</summary>
    public StoreFullException(string message) : base(message) { }

    /// <summary>An exception that says which disk is full, and why.</summary>
    public StoreFullException(string message, Exception innerException) : base(message, innerException) { }
}
