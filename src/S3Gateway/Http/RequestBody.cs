using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using Vault.Protocol.Checksums;
using Vault.Protocol.SigV4;

namespace Vault.S3Gateway.Http;

/// <summary>
/// The body of a request as the client meant it: aws-chunked framing is taken off, its signatures and lengths are
/// checked on the way. Bytes read are worth keeping only once a read has returned 0.
/// </summary>
internal sealed class RequestBody : Stream
{
    private readonly S3Request request;
    private readonly PipeReader reader;
    private readonly AwsChunkedDecoder? decoder;
    private readonly long mostBytes;
    private long remaining;
    private long total;

    private RequestBody(S3Request request, long? length, long mostBytes, AwsChunkedDecoder? decoder)
    {
        this.request = request;
        this.mostBytes = mostBytes;
        this.decoder = decoder;
        DecodedLength = length;
        remaining = length ?? 0;
        reader = request.Http.Request.BodyReader;
        if (decoder is null && length == 0)
            End();
    }

    /// <summary>Bytes that will come, or null when the client streams without knowing.</summary>
    public long? DecodedLength { get; }

    /// <summary>True once everything was read and was right.</summary>
    public bool Ended { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => DecodedLength ?? throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Opens the body; nothing is read yet.</summary>
    /// <param name="request">A request whose signature was verified.</param>
    /// <param name="mostBytes">The longest body allowed.</param>
    /// <exception cref="S3Exception">No length, or one that is malformed or too large.</exception>
    public static RequestBody Open(S3Request request, long mostBytes)
    {
        var mode = request.Claim?.Payload ?? PayloadMode.UnsignedPayload;
        var length = mode.IsStreaming() ? DecodedLengthOf(request) : request.Http.Request.ContentLength;
        if (length is null && !mode.IsStreaming())
            throw S3Errors.MissingContentLength.Thrown();
        if (length > mostBytes)
            throw S3Errors.EntityTooLarge.Thrown();
        if (!mode.IsStreaming())
            return new(request, length, mostBytes, null);
        var signing = mode.HasChunkSignatures() ? request.Caller.BeginChunks(request.Claim!) : null;
        return new(
            request, length, mostBytes,
            new AwsChunkedDecoder(mode, length ?? -1, request.Header("x-amz-trailer"), signing));
    }

    /// <summary>The checksum from the trailer, when it was announced there.</summary>
    /// <exception cref="S3Exception">The trailer lacks it or holds something else.</exception>
    public Checksum TrailingChecksum(ChecksumAlgorithm algorithm)
    {
        foreach (var (name, value) in decoder?.Trailers ?? [])
        {
            if (!name.Equals(algorithm.HeaderName(), StringComparison.OrdinalIgnoreCase))
                continue;
            return Checksum.TryParse(algorithm, value, out var checksum)
                ? checksum
                : throw S3Errors.InvalidRequest.With($"Value for {name} trailing header is invalid.").Thrown();
        }

        throw MalformedTrailer();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Ended || buffer.IsEmpty)
            return 0;
        var count = decoder is null
            ? await ReadPlainAsync(buffer, cancellationToken)
            : await ReadChunkedAsync(decoder, buffer, cancellationToken);
        request.BytesIn += count;
        total += count;
        return total > mostBytes ? throw S3Errors.EntityTooLarge.Thrown() : count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            decoder?.Dispose();
        base.Dispose(disposing);
    }

    private async ValueTask<int> ReadPlainAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var result = await reader.ReadAsync(cancellationToken);
        var available = result.Buffer;
        if (available.IsEmpty && result.IsCompleted)
            throw S3Errors.IncompleteBody.Thrown();
        var count = (int)Math.Min(remaining, Math.Min(buffer.Length, available.Length));
        var taken = available.Slice(0, count);
        taken.CopyTo(buffer.Span);
        reader.AdvanceTo(taken.End);
        remaining -= count;
        if (remaining == 0)
            End();
        return count;
    }

    private async ValueTask<int> ReadChunkedAsync(
        AwsChunkedDecoder from, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await reader.ReadAsync(cancellationToken);
            var filled = 0;
            var position = result.Buffer.Start;
            var status = AwsChunkedStatus.NeedInput;
            foreach (var segment in result.Buffer)
            {
                status = from.Decode(segment.Span, buffer.Span[filled..], out var consumed, out var written);
                filled += written;
                position = result.Buffer.GetPosition(consumed, position);
                if (status is AwsChunkedStatus.NeedOutput or AwsChunkedStatus.Failed)
                    break;
            }

            reader.AdvanceTo(position);
            if (status == AwsChunkedStatus.Failed)
                throw Refusal(from.Error);
            if (result.IsCompleted && status != AwsChunkedStatus.NeedOutput)
            {
                if (from.Complete() != AwsChunkedStatus.Done)
                    throw Refusal(from.Error);
                End();
                return filled;
            }

            if (filled > 0)
                return filled;
        }
    }

    private void End()
    {
        Ended = true;
        request.BodyConsumed = true;
    }

    private static long? DecodedLengthOf(S3Request request)
    {
        if (request.Header("x-amz-decoded-content-length") is not { } text)
        {
            return request.Http.Request.ContentLength is null
                && request.Headers.TransferEncoding.Count > 0 ? null : throw S3Errors.MissingContentLength.Thrown();
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            ? length
            : throw S3Errors.InvalidArgument.With("x-amz-decoded-content-length must be a number of bytes").Thrown();
    }

    private static S3Exception Refusal(AwsChunkedError error) => error switch
    {
        AwsChunkedError.SignatureMismatch => S3Errors.Of(SigV4Outcome.SignatureDoesNotMatch, null).Thrown(),
        AwsChunkedError.MalformedTrailer => MalformedTrailer(),
        AwsChunkedError.ChunkTooSmall => new S3Error(403, "InvalidChunkSizeError",
            "Only the last chunk is allowed to have a size less than 8192 bytes").Thrown(),
        _ => S3Errors.IncompleteBody.Thrown(),
    };

    private static S3Exception MalformedTrailer() => new S3Error(400, "MalformedTrailerError",
        "The request contained trailing data that was not well-formed or did not conform to our published schema.")
        .Thrown();
}
