using System.Runtime.ExceptionServices;
using Orleans.Serialization;

namespace Vault.Runtime.Serialization;

/// <summary>
/// An exception is an array of its type's name, what every exception has, and what its own type adds. A type that the
/// reader does not know arrives as <see cref="UnavailableExceptionFallbackException"/>, so an exception always arrives.
/// Copies are by reference.
/// </summary>
internal sealed class ExceptionCodec<T> : ImmutableCodec<T?>
    where T : Exception
{
    private const int MessageKey = 0, StackKey = 1, InnerKey = 2, HResultKey = 3;
    private CodecProvider _codecs = null!;

    public override void Bind(CodecProvider codecs) => _codecs = codecs;

    public override void Write(ref CborWriter writer, T? value)
    {
        if (value is null)
        {
            writer.WriteNull();
        }
        else
        {
            Write(ref writer, value, depth: 0);
        }
    }

    public override T? Read(ref CborReader reader)
    {
        if (reader.TryReadNull())
        {
            return null;
        }

        if (ReadAny(ref reader, depth: 0) is T exception)
        {
            return exception;
        }

        reader.Throw($"it holds an exception that is not a {typeof(T)}");
        return null;
    }

    private void Write(ref CborWriter writer, Exception value, int depth)
    {
        var type = value.GetType();
        var entry = _codecs.Registry.Find(type);
        var fallback = value as UnavailableExceptionFallbackException;
        writer.BeginArray(3);
        writer.WriteText(entry?.Alias ?? fallback?.ExceptionType ?? KnownExceptions.NameOf(type));

        var inner = depth < ExceptionLimits.MaxInner ? value.InnerException : null;
        writer.BeginMap(inner is null ? 3 : 4);
        writer.WriteKey(MessageKey);
        writer.WriteText(
            ExceptionLimits.Cut(ExceptionFields.Message(value) ?? (fallback is null ? null : value.Message)));
        writer.WriteKey(StackKey);
        writer.WriteText(ExceptionLimits.Cut(value.StackTrace));
        writer.WriteKey(HResultKey);
        writer.WriteInt64(value.HResult);
        if (inner is not null)
        {
            writer.WriteKey(InnerKey);
            Write(ref writer, inner, depth + 1);
        }

        writer.End();
        if (entry is not null)
        {
            _codecs.GetExact(type).WriteObject(ref writer, value);
        }
        else
        {
            KnownExceptions.WriteOwn(ref writer, value);
        }

        writer.End();
    }

    private Exception ReadAny(ref CborReader reader, int depth)
    {
        reader.BeginArray(3);
        var name = reader.ReadText() ?? string.Empty;
        string? message = null, stack = null;
        Exception? inner = null;
        int? result = null;
        for (var pairs = reader.BeginMap(); pairs > 0; pairs--)
        {
            switch (reader.ReadKey())
            {
                case MessageKey:
                    message = reader.ReadText();
                    break;
                case StackKey:
                    stack = reader.ReadText();
                    break;
                case HResultKey:
                    result = reader.ReadInt32();
                    break;
                case InnerKey when depth < ExceptionLimits.MaxInner:
                    inner = ReadAny(ref reader, depth + 1);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        reader.End();
        var exception = ReadOwn(ref reader, name, message);
        reader.End();

        ExceptionFields.Message(exception) = message;
        ExceptionFields.Inner(exception) = inner;
        if (result is { } code)
        {
            exception.HResult = code;
        }

        if (stack is not null)
        {
            ExceptionDispatchInfo.SetRemoteStackTrace(exception, stack);
        }

        return exception;
    }

    private Exception ReadOwn(ref CborReader reader, string name, string? message)
    {
        if (_codecs.Registry.FindAlias(name) is { } entry && typeof(Exception).IsAssignableFrom(entry.Type)
            && !reader.TryReadNull())
        {
            return (Exception)_codecs.GetExact(entry.Type).ReadObject(ref reader)!;
        }

        if (KnownExceptions.Create(name) is { } known)
        {
            KnownExceptions.ReadOwn(ref reader, known);
            return known;
        }

        reader.Skip();
        return new UnavailableExceptionFallbackException(message, null) { ExceptionType = name };
    }
}
