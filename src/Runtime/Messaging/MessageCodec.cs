using System.Buffers;
using System.Collections.Immutable;
using Vault.Runtime.Invocation;
using Vault.Runtime.Serialization;

namespace Vault.Runtime.Messaging;

/// <summary>Frames to bytes and back; docs/spec/transport.md, section 4.</summary>
internal sealed class MessageCodec(CodecProvider codecs)
{
    /// <summary>The longest chain of waiting calls that is sent along.</summary>
    public const int MaxChain = 64;

    private const int RequestFields = 7;
    private const int SourceKey = 0;
    private const int CancellableKey = 1;
    private const int ChainKey = 2;
    private const int ReentrancyKey = 3;
    private const int ContextKey = 4;

    private readonly Codec<GrainId> _grainId = codecs.Get<GrainId>();
    private readonly Codec<Guid> _guid = codecs.Get<Guid>();
    private readonly Codec<Exception> _exception = codecs.Get<Exception>();
    private readonly Codec<object> _object = codecs.Get<object>();

    public void WriteRequest(IBufferWriter<byte> output, in RequestHead head, GrainRequest request)
    {
        var writer = new CborWriter(output);
        writer.BeginArray(RequestFields);
        writer.WriteInt64((int)FrameKind.Request);
        writer.WriteInt64(head.CallId);
        writer.WriteInt64(head.View);
        writer.WriteUInt64(head.MethodKey);
        _grainId.Write(ref writer, head.Target);
        WriteOptions(ref writer, head);
        request.WriteArguments(ref writer);
        writer.End();
        writer.Flush();
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
        var view = reader.ReadInt64();
        var key = reader.ReadUInt64();
        var target = _grainId.Read(ref reader);
        GrainId source = default;
        var cancellable = false;
        long[]? chain = null;
        var reentrancyId = Guid.Empty;
        var entries = ImmutableDictionary<string, object>.Empty;
        var options = reader.BeginMap();
        for (var i = 0; i < options; i++)
        {
            switch (reader.ReadKey())
            {
                case SourceKey:
                    source = _grainId.Read(ref reader);
                    break;
                case CancellableKey:
                    cancellable = reader.ReadBoolean();
                    break;
                case ChainKey:
                    chain = ReadChain(ref reader);
                    break;
                case ReentrancyKey:
                    reentrancyId = _guid.Read(ref reader);
                    break;
                case ContextKey:
                    entries = ReadEntries(ref reader);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        reader.End();
        return new RequestHead
        {
            CallId = callId,
            View = view,
            MethodKey = key,
            Target = target,
            Source = source,
            Cancellable = cancellable,
            Chain = chain,
            Context = entries.IsEmpty && reentrancyId == Guid.Empty ? null : new ContextValues(entries, reentrancyId),
        };
    }

    public static void WriteResult(IBufferWriter<byte> output, long callId, GrainRequest request)
    {
        var writer = new CborWriter(output);
        BeginResponse(ref writer, callId, ResponseStatus.Result);
        request.WriteOutcome(ref writer);
        writer.End();
        writer.Flush();
    }

    public void WriteFailure(IBufferWriter<byte> output, long callId, Exception exception)
    {
        var writer = new CborWriter(output);
        BeginResponse(ref writer, callId, ResponseStatus.Failure);
        _exception.Write(ref writer, exception);
        writer.End();
        writer.Flush();
    }

    /// <summary>Says that the call was not started.</summary>
    public static void WriteNotStarted(IBufferWriter<byte> output, long callId, ResponseStatus status, long view)
    {
        var writer = new CborWriter(output);
        BeginResponse(ref writer, callId, status);
        writer.WriteInt64(view);
        writer.End();
        writer.Flush();
    }

    public static void WriteCancel(IBufferWriter<byte> output, long callId)
    {
        var writer = new CborWriter(output);
        writer.BeginArray(2);
        writer.WriteInt64((int)FrameKind.Cancel);
        writer.WriteInt64(callId);
        writer.End();
        writer.Flush();
    }

    public Exception ReadFailure(ref CborReader reader) => _exception.Read(ref reader);

    private static void BeginResponse(ref CborWriter writer, long callId, ResponseStatus status)
    {
        writer.BeginArray(4);
        writer.WriteInt64((int)FrameKind.Response);
        writer.WriteInt64(callId);
        writer.WriteInt64((int)status);
    }

    private static long[] ReadChain(ref CborReader reader)
    {
        var count = reader.BeginArray();
        var chain = new long[Math.Min(count, MaxChain)];
        for (var i = 0; i < count; i++)
        {
            var link = reader.ReadInt64();
            if (i < chain.Length)
            {
                chain[i] = link;
            }
        }

        reader.End();
        return chain;
    }

    private void WriteOptions(ref CborWriter writer, in RequestHead head)
    {
        var entries = head.Context?.Entries ?? ImmutableDictionary<string, object>.Empty;
        var reentrancyId = head.Context?.ReentrancyId ?? Guid.Empty;
        writer.BeginMap((head.Source.IsDefault ? 0 : 1) + (head.Cancellable ? 1 : 0) + (head.Chain is null ? 0 : 1)
            + (reentrancyId == Guid.Empty ? 0 : 1) + (entries.IsEmpty ? 0 : 1));
        if (!head.Source.IsDefault)
        {
            writer.WriteKey(SourceKey);
            _grainId.Write(ref writer, head.Source);
        }

        if (head.Cancellable)
        {
            writer.WriteKey(CancellableKey);
            writer.WriteBoolean(true);
        }

        if (head.Chain is { } chain)
        {
            writer.WriteKey(ChainKey);
            writer.BeginArray(chain.Length);
            foreach (var link in chain)
            {
                writer.WriteInt64(link);
            }

            writer.End();
        }

        if (reentrancyId != Guid.Empty)
        {
            writer.WriteKey(ReentrancyKey);
            _guid.Write(ref writer, reentrancyId);
        }

        if (!entries.IsEmpty)
        {
            writer.WriteKey(ContextKey);
            WriteEntries(ref writer, entries);
        }

        writer.End();
    }

    private void WriteEntries(ref CborWriter writer, ImmutableDictionary<string, object> entries)
    {
        writer.BeginArray(entries.Count * 2);
        foreach (var (key, value) in entries)
        {
            writer.WriteText(key);
            _object.Write(ref writer, value);
        }

        writer.End();
    }

    private ImmutableDictionary<string, object> ReadEntries(ref CborReader reader)
    {
        var entries = ImmutableDictionary<string, object>.Empty;
        var count = reader.BeginArray();
        for (var i = 0; i < count; i += 2)
        {
            var key = reader.ReadText() ?? "";
            entries = entries.SetItem(key, _object.Read(ref reader));
        }

        reader.End();
        return entries;
    }
}
