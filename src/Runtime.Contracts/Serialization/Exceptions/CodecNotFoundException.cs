namespace Orleans.Serialization;

/// <summary>No codec is known for a type.</summary>
public sealed class CodecNotFoundException : SerializerException
{
    /// <summary>Creates the exception with a message that names the type.</summary>
    public CodecNotFoundException(string? message)
        : base(message)
    {
    }
}
