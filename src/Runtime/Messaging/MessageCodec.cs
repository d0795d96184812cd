using System.Buffers;
using System.Collections.Immutable;
using Vault.Runtime.Invocation;
using Vault.Runtime.Serialization;

namespace Vault.Runtime.Messaging;

/// <summary>Frames to bytes and back. A frame is a CBOR array whose first element says what it is.</summary>
internal sealed class MessageCodec(CodecProvider codecs)
{
    /// <summary>Elements of a request frame.</summary>
    private const int RequestFields = 14;

    private readonly Codec<GrainId> _grainId = codecs.Get<GrainId>();
    private readonly Codec<Guid> _guid = codecs.Get<Guid>();
    private readonly Codec<Exception> _exception = codecs.Get<Exception>();
    private readonly Codec<object> _object = codecs.Get<object>();

    public ReadOnlyMemory<byte> Request(RequestHead head, GrainRequest request)
    {
        var output = new ArrayBufferWriter<byte>(256);
        var writer = new CborWriter(output);
        writer.BeginArray(RequestFields);
        writer.WriteInt64((int)FrameKind.Request);
        writer.WriteInt64(head.CallId);
        writer.WriteText(head.From.ToParsableString());
        writer.WriteInt64(head.View);
        _grainId.Write(ref writer, head.Source);
        _grainId.Write(ref writer, head.Target);
        writer.WriteText(head.Interface);
        writer.WriteText(head.Method);
        writer.WriteBoolean(head.Cancellable);
        writer.BeginArray(head.Chain.Length);
        foreach (var link in head.Chain)
        {
            writer.WriteInt64(link);
        }

        writer.End();
        _guid.Write(ref writer, head.Context?.ReentrancyId ?? Guid.Empty);
        WriteContext(ref writer, head.Context);
        writer.WriteInt64(0);
        request.WriteArguments(ref writer);
        writer.End();
        writer.Flush();
        return output.WrittenMemory;
    }

    public static FrameKind Kind(ref CborReader reader)
    {
        reader.BeginArray();
        return (FrameKind)reader.ReadInt32();
    }

    /// <summary>Reads a request up to its arguments.</summary>
    public RequestHead ReadRequest(ref CborReader reader)
    {
        var callId = reader.ReadInt64();
        var from = SiloAddress.FromParsableString(reader.ReadText()!);
        var view = reader.ReadInt64();
        var source = _grainId.Read(ref reader);
        var target = _grainId.Read(ref reader);
        var interfaceName = reader.ReadText()!;
        var method = reader.ReadText()!;
        var cancellable = reader.ReadBoolean();
        var chain = new long[Math.Min(reader.BeginArray(), MaxChain)];
        for (var i = 0; i < chain.Length; i++)
        {
            chain[i] = reader.ReadInt64();
        }

        reader.End();
        var reentrancyId = _guid.Read(ref reader);
        var context = ReadContext(ref reader, reentrancyId);
        reader.Skip();
        return new RequestHead
        {
            CallId = callId,
            From = from,
            View = view,
            Source = source,
            Target = target,
            Interface = interfaceName,
            Method = method,
            Cancellable = cancellable,
            Chain = chain,
            Context = context,
        };
    }

    /// <summary>The longest chain of waiting calls that is sent along.</summary>
    public const int MaxChain = 64;

    public static ReadOnlyMemory<byte> Result(long callId, GrainRequest request)
    {
        var output = new ArrayBufferWriter<byte>(128);
        var writer = new CborWriter(output);
        BeginResponse(ref writer, callId, ResponseStatus.Result);
        request.WriteOutcome(ref writer);
        writer.End();
        writer.Flush();
        return output.WrittenMemory;
    }

    public ReadOnlyMemory<byte> Failure(long callId, Exception exception)
    {
        var output = new ArrayBufferWriter<byte>(512);
        var writer = new CborWriter(output);
        BeginResponse(ref writer, callId, ResponseStatus.Failure);
        _exception.Write(ref writer, exception);
        writer.End();
        writer.Flush();
        return output.WrittenMemory;
    }

    public static ReadOnlyMemory<byte> NotOwner(long callId, long view)
    {
        var output = new ArrayBufferWriter<byte>(32);
        var writer = new CborWriter(output);
        BeginResponse(ref writer, callId, ResponseStatus.NotOwner);
        writer.WriteInt64(view);
        writer.End();
        writer.Flush();
        return output.WrittenMemory;
    }

    public static ReadOnlyMemory<byte> Cancel(SiloAddress from, long callId)
    {
        var output = new ArrayBufferWriter<byte>(64);
        var writer = new CborWriter(output);
        writer.BeginArray(3);
        writer.WriteInt64((int)FrameKind.Cancel);
        writer.WriteInt64(callId);
        writer.WriteText(from.ToParsableString());
        writer.End();
        writer.Flush();
        return output.WrittenMemory;
    }

    public Exception ReadFailure(ref CborReader reader) => _exception.Read(ref reader);

    private static void BeginResponse(ref CborWriter writer, long callId, ResponseStatus status)
    {
        writer.BeginArray(4);
        writer.WriteInt64((int)FrameKind.Response);
        writer.WriteInt64(callId);
        writer.WriteInt64((int)status);
    }

    private void WriteContext(ref CborWriter writer, ContextValues? context)
    {
        var entries = context?.Entries ?? ImmutableDictionary<string, object>.Empty;
        writer.BeginArray(entries.Count * 2);
        foreach (var (key, value) in entries)
        {
            writer.WriteText(key);
            _object.Write(ref writer, value);
        }

        writer.End();
    }

    private ContextValues? ReadContext(ref CborReader reader, Guid reentrancyId)
    {
        var entries = ImmutableDictionary<string, object>.Empty;
        var count = reader.BeginArray();
        for (var i = 0; i < count; i += 2)
        {
            var key = reader.ReadText()!;
            entries = entries.SetItem(key, _object.Read(ref reader));
        }

        reader.End();
        return entries.IsEmpty && reentrancyId == Guid.Empty ? null : new ContextValues(entries, reentrancyId);
    }
}
