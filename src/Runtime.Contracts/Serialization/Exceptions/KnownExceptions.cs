using System.Collections.Frozen;
using Orleans.Serialization;
using Orleans.Storage;
using Vault.Runtime.Exceptions;

namespace Vault.Runtime.Serialization;

/// <summary>
/// The exceptions of the framework and of the grain API, which carry no attributes: they travel under their full names.
/// </summary>
internal static class KnownExceptions
{
    private const int FirstKey = 0, SecondKey = 1;

#pragma warning disable CA2201 // the table must name the exceptions that only the runtime should throw
    private static readonly FrozenDictionary<string, Func<Exception>> Factories = new Func<Exception>[]
    {
        static () => new Exception(),
        static () => new SystemException(),
        static () => new ApplicationException(),
        static () => new ArgumentException(),
        static () => new ArgumentNullException(),
        static () => new ArgumentOutOfRangeException(),
        static () => new ArithmeticException(),
        static () => new DivideByZeroException(),
        static () => new OverflowException(),
        static () => new FormatException(),
        static () => new IndexOutOfRangeException(),
        static () => new InvalidCastException(),
        static () => new InvalidOperationException(),
        static () => new ObjectDisposedException(null),
        static () => new NotSupportedException(),
        static () => new NotImplementedException(),
        static () => new NullReferenceException(),
        static () => new RankException(),
        static () => new TimeoutException(),
        static () => new UnauthorizedAccessException(),
        static () => new OperationCanceledException(),
        static () => new TaskCanceledException(),
        static () => new KeyNotFoundException(),
        static () => new InsufficientMemoryException(),
        static () => new System.Diagnostics.UnreachableException(),
        static () => new System.IO.IOException(),
        static () => new System.IO.EndOfStreamException(),
        static () => new System.IO.InvalidDataException(),
        static () => new System.Security.Cryptography.CryptographicException(),
        static () => new System.Text.Json.JsonException(),
        static () => new OrleansException(),
        static () => new OrleansMessageRejectionException(string.Empty),
        static () => new SiloUnavailableException(),
        static () => new ClientNotAvailableException(string.Empty),
        static () => new GatewayTooBusyException(),
        static () => new LimitExceededException(),
        static () => new GrainExtensionNotInstalledException(),
        static () => new OrleansLifecycleCanceledException(string.Empty),
        static () => new OrleansConfigurationException(string.Empty),
        static () => new BadProviderConfigException(),
        static () => new InconsistentStateException(),
        static () => new CallCycleException(),
        static () => new SerializerException(),
        static () => new CodecNotFoundException(null),
    }.ToFrozenDictionary(static create => NameOf(create().GetType()), StringComparer.Ordinal);
#pragma warning restore CA2201

    public static string NameOf(Type type) => type.FullName ?? type.Name;

    public static Exception? Create(string name) => Factories.TryGetValue(name, out var create) ? create() : null;

    /// <summary>Writes what the exception's own type adds, as a map, or null.</summary>
    public static void WriteOwn(ref CborWriter writer, Exception value)
    {
        switch (value)
        {
            case ArgumentException argument:
                WriteTexts(ref writer, argument.ParamName, null);
                break;
            case ObjectDisposedException disposed:
                WriteTexts(ref writer, disposed.ObjectName, null);
                break;
            case InconsistentStateException inconsistent:
                WriteTexts(ref writer, inconsistent.StoredEtag, inconsistent.CurrentEtag);
                break;
            default:
                writer.WriteNull();
                break;
        }
    }

    /// <summary>Reads what <see cref="WriteOwn"/> wrote, into an exception of the same type.</summary>
    public static void ReadOwn(ref CborReader reader, Exception value)
    {
        if (reader.TryReadNull())
        {
            return;
        }

        var (first, second) = ReadTexts(ref reader);
        switch (value)
        {
            case ArgumentException argument:
                ExceptionFields.ParameterName(argument) = first;
                break;
            case ObjectDisposedException disposed:
                ExceptionFields.ObjectName(disposed) = first;
                break;
            case InconsistentStateException inconsistent:
                ExceptionFields.StoredEtag(inconsistent) = first;
                ExceptionFields.CurrentEtag(inconsistent) = second;
                break;
        }
    }

    private static void WriteTexts(ref CborWriter writer, string? first, string? second)
    {
        writer.BeginMap(2);
        writer.WriteKey(FirstKey);
        writer.WriteText(first);
        writer.WriteKey(SecondKey);
        writer.WriteText(second);
        writer.End();
    }

    private static (string? First, string? Second) ReadTexts(ref CborReader reader)
    {
        string? first = null, second = null;
        for (var pairs = reader.BeginMap(); pairs > 0; pairs--)
        {
            switch (reader.ReadKey())
            {
                case FirstKey:
                    first = reader.ReadText();
                    break;
                case SecondKey:
                    second = reader.ReadText();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        reader.End();
        return (first, second);
    }
}
