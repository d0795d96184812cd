namespace Vault.Runtime.Exceptions;

/// <summary>A call waits for a call that waits for it, so it was refused at once: it did not run.</summary>
public sealed class CallCycleException : OrleansException
{
    /// <summary>Without details.</summary>
    public CallCycleException()
        : base("A call waits for itself.")
    {
    }

    /// <summary>With a message that names the grains of the cycle.</summary>
    public CallCycleException(string message)
        : base(message)
    {
    }

    /// <summary>With a message and a cause.</summary>
    public CallCycleException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
