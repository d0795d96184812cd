using System.Runtime.CompilerServices;

namespace Vault.Runtime.Serialization;

/// <summary>
/// Base of the generated codecs of classes: handles null and the depth of copies, and leaves the members to its heir.
/// </summary>
/// <typeparam name="T">Exactly this type; values of derived types have codecs of their own.</typeparam>
public abstract class ObjectCodec<T> : Codec<T?>
    where T : class
{
    internal override bool IsExactOnly => true;

    /// <inheritdoc/>
    public sealed override void Write(ref CborWriter writer, T? value)
    {
        if (value is null)
        {
            writer.WriteNull();
        }
        else
        {
            WriteBody(ref writer, value);
        }
    }

    /// <inheritdoc/>
    public sealed override T? Read(ref CborReader reader) => reader.TryReadNull() ? null : ReadBody(ref reader);

    /// <inheritdoc/>
    public sealed override T? Copy(T? value)
    {
        if (value is null || IsImmutable)
        {
            return value;
        }

        RuntimeHelpers.EnsureSufficientExecutionStack();
        return CopyBody(value);
    }

    /// <summary>Writes a map of the members by their numbers.</summary>
    protected abstract void WriteBody(ref CborWriter writer, T value);

    /// <summary>Reads a map of the members by their numbers; unknown numbers are skipped.</summary>
    protected abstract T ReadBody(ref CborReader reader);

    /// <summary>Copies every member.</summary>
    protected abstract T CopyBody(T value);
}
