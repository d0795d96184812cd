using System.Security.Cryptography;

namespace Vault.Protocol.SigV4;

/// <summary>
/// Takes the framing off an aws-chunked body: feed it what arrives, in pieces of any size, and it fills the caller's
/// buffer with data. Chunk signatures, the trailer's signature, the declared trailer and the decoded length are
/// checked on the way; data handed out is only worth keeping once the status is <see cref="AwsChunkedStatus.Done"/>.
/// </summary>
/// <remarks>docs/spec/sigv4.md, section 5. Allocates nothing per chunk. Not safe for several threads.</remarks>
public sealed partial class AwsChunkedDecoder : IDisposable
{
    /// <summary>Smallest chunk that may be followed by another one with data.</summary>
    public const int MinimumChunkBytes = 8192;

    /// <summary>Longest line: a chunk header or one trailing header.</summary>
    public const int MaxLineBytes = 1024;

    private readonly PayloadMode mode;
    private readonly long decodedLength;
    private readonly ChunkSigning? signing;
    private readonly IncrementalHash? chunkHash;
    private readonly byte[] line = new byte[MaxLineBytes];
    private readonly byte[] announced = new byte[32];
    private int lineLength;
    private State state = State.Header;
    private long chunkRemaining;
    private long chunkSize = -1;

    /// <summary>Begins a body.</summary>
    /// <param name="mode">One of the three streaming modes.</param>
    /// <param name="decodedLength">Value of <c>x-amz-decoded-content-length</c>, or -1 when it was not sent.</param>
    /// <param name="declaredTrailers">Value of <c>x-amz-trailer</c>, or null.</param>
    /// <param name="signing">The chain of signatures; needed by the signed modes, disposed with the decoder.</param>
    public AwsChunkedDecoder(PayloadMode mode, long decodedLength, string? declaredTrailers, ChunkSigning? signing)
    {
        if (!mode.IsStreaming())
            throw new ArgumentOutOfRangeException(nameof(mode), mode, "Only streaming modes are chunked.");
        if (mode.HasChunkSignatures())
        {
            ArgumentNullException.ThrowIfNull(signing);
            chunkHash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        }

        this.mode = mode;
        this.decodedLength = decodedLength;
        this.signing = signing;
        trailer = new AwsTrailer(declaredTrailers);
    }

    private enum State
    {
        Header,
        Data,
        DataEnd,
        Trailer,
        LastLine,
        Done,
        Failed,
    }

    /// <summary>Why the body was refused.</summary>
    public AwsChunkedError Error { get; private set; }

    /// <summary>Bytes of data handed out so far.</summary>
    public long DecodedBytes { get; private set; }

    /// <summary>The trailing headers in order, names in lower case; complete when the status is Done.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Trailers => trailer.Headers;

    /// <summary>Takes framed bytes and hands out data.</summary>
    /// <param name="input">Bytes of the body as they arrive.</param>
    /// <param name="output">Where data goes.</param>
    /// <param name="consumed">How much of <paramref name="input"/> was taken.</param>
    /// <param name="written">How much of <paramref name="output"/> was filled.</param>
    public AwsChunkedStatus Decode(
        ReadOnlySpan<byte> input, Span<byte> output, out int consumed, out int written)
    {
        var given = input.Length;
        var room = output;
        AwsChunkedStatus? status;
        do
            status = Step(ref input, ref room);
        while (status is null);
        consumed = given - input.Length;
        written = output.Length - room.Length;
        return status.Value;
    }

    /// <summary>Says that the connection has no more bytes: the body is complete or it is truncated.</summary>
    public AwsChunkedStatus Complete()
    {
        if (state == State.LastLine && lineLength == 0 && mode == PayloadMode.StreamingSigned)
            state = State.Done;
        if (state == State.Done)
            return AwsChunkedStatus.Done;
        return state == State.Failed ? AwsChunkedStatus.Failed : Fail(AwsChunkedError.Truncated);
    }

    /// <summary>Releases the hash and the chain of signatures.</summary>
    public void Dispose()
    {
        chunkHash?.Dispose();
        signing?.Dispose();
    }

    private AwsChunkedStatus? Step(ref ReadOnlySpan<byte> input, ref Span<byte> room)
    {
        switch (state)
        {
            case State.Header:
                return TryTakeLine(ref input, AwsChunkedError.MalformedChunk, out var header) is { } waiting
                    ? waiting
                    : ReadHeader(header);
            case State.Data:
                return CopyData(ref input, ref room);
            case State.DataEnd:
                return TryTakeLine(ref input, AwsChunkedError.MalformedChunk, out var empty) is { } notYet
                    ? notYet
                    : EndChunk(empty);
            case State.Trailer:
                return TryTakeLine(ref input, AwsChunkedError.MalformedTrailer, out var text) is { } later
                    ? later
                    : ReadTrailerLine(text);
            case State.LastLine:
                return TryTakeLine(ref input, AwsChunkedError.MalformedChunk, out var last) is { } soon
                    ? soon
                    : EndBody(last);
            case State.Done:
                return input.IsEmpty ? AwsChunkedStatus.Done : Fail(AwsChunkedError.TrailingData);
            default:
                return AwsChunkedStatus.Failed;
        }
    }

    private AwsChunkedStatus? CopyData(ref ReadOnlySpan<byte> input, ref Span<byte> room)
    {
        if (input.IsEmpty)
            return AwsChunkedStatus.NeedInput;
        if (room.IsEmpty)
            return AwsChunkedStatus.NeedOutput;
        var count = (int)Math.Min(chunkRemaining, Math.Min(input.Length, room.Length));
        var data = input[..count];
        data.CopyTo(room);
        chunkHash?.AppendData(data);
        input = input[count..];
        room = room[count..];
        DecodedBytes += count;
        chunkRemaining -= count;
        if (chunkRemaining > 0)
            return null;
        state = State.DataEnd;
        return SignatureMatches() ? null : Fail(AwsChunkedError.SignatureMismatch);
    }

    private AwsChunkedStatus? EndChunk(ReadOnlySpan<byte> text)
    {
        if (!text.IsEmpty)
            return Fail(AwsChunkedError.MalformedChunk);
        state = State.Header;
        return null;
    }

    private AwsChunkedStatus? EndBody(ReadOnlySpan<byte> text)
    {
        if (!text.IsEmpty)
            return Fail(AwsChunkedError.MalformedChunk);
        state = State.Done;
        return null;
    }

    private bool SignatureMatches()
    {
        if (chunkHash is null)
            return true;
        Span<byte> hash = stackalloc byte[32];
        Span<byte> expected = stackalloc byte[32];
        chunkHash.GetHashAndReset(hash);
        signing!.SignChunk(hash, expected);
        return CryptographicOperations.FixedTimeEquals(expected, announced);
    }

    private AwsChunkedStatus Fail(AwsChunkedError error)
    {
        state = State.Failed;
        Error = error;
        return AwsChunkedStatus.Failed;
    }
}
