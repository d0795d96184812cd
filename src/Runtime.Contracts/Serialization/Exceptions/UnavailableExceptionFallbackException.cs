namespace Orleans.Serialization;

/// <summary>Stands for an exception whose type this process does not know or cannot make.</summary>
public sealed class UnavailableExceptionFallbackException : Exception
{
    /// <summary>Creates the exception.</summary>
    public UnavailableExceptionFallbackException()
    {
    }

    /// <summary>Creates the exception with the message and the cause of the original.</summary>
    public UnavailableExceptionFallbackException(string? message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Name of the original exception's type.</summary>
    public string? ExceptionType { get; internal set; }
}
