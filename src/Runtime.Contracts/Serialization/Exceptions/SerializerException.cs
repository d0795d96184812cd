namespace Orleans.Serialization;

/// <summary>Base of the exceptions of serialization.</summary>
public class SerializerException : Exception
{
    /// <summary>Creates the exception.</summary>
    public SerializerException()
    {
    }

    /// <summary>Creates the exception with a message.</summary>
    public SerializerException(string? message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and its cause.</summary>
    public SerializerException(string? message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
