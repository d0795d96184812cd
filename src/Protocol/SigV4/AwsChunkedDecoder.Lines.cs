using System.Security.Cryptography;

namespace Vault.Protocol.SigV4;

/// <summary>Lines of the framing: chunk headers and trailing headers.</summary>
public sealed partial class AwsChunkedDecoder
{
    private const int MaxSizeDigits = 16;

    private static ReadOnlySpan<byte> SignatureExtension => "chunk-signature="u8;

    private readonly AwsTrailer trailer;

    /// <summary>Takes one line without its CRLF; null when <paramref name="text"/> holds it.</summary>
    private AwsChunkedStatus? TryTakeLine(
        ref ReadOnlySpan<byte> input, AwsChunkedError tooLong, out ReadOnlySpan<byte> text)
    {
        text = default;
        var end = input.IndexOf((byte)'\n');
        var piece = end < 0 ? input : input[..end];
        if (lineLength + piece.Length > MaxLineBytes)
            return Fail(tooLong);
        if (end < 0 || lineLength > 0)
        {
            piece.CopyTo(line.AsSpan(lineLength));
            lineLength += piece.Length;
            piece = line.AsSpan(0, lineLength);
        }

        if (end < 0)
        {
            input = [];
            return AwsChunkedStatus.NeedInput;
        }

        input = input[(end + 1)..];
        lineLength = 0;
        if (piece.EndsWith("\r"u8))
        {
            text = piece[..^1];
            return null;
        }

        // Published examples of signed trailers end a trailing header with a bare line feed before the CRLF.
        text = piece;
        return state == State.Trailer ? null : Fail(AwsChunkedError.MalformedChunk);
    }

    private AwsChunkedStatus? ReadHeader(ReadOnlySpan<byte> header)
    {
        var extension = header.IndexOf((byte)';');
        var digits = extension < 0 ? header : header[..extension];
        if (!TryReadSize(digits, out var size)
            || (mode.HasChunkSignatures() && (extension < 0 || !TryReadSignature(header[(extension + 1)..]))))
            return Fail(AwsChunkedError.MalformedChunk);
        if (size > 0)
        {
            if (chunkSize is >= 0 and < MinimumChunkBytes)
                return Fail(AwsChunkedError.ChunkTooSmall);
            if (decodedLength >= 0 && size > decodedLength - DecodedBytes)
                return Fail(AwsChunkedError.LengthMismatch);
            chunkSize = chunkRemaining = size;
            state = State.Data;
            return null;
        }

        if (!SignatureMatches())
            return Fail(AwsChunkedError.SignatureMismatch);
        if (decodedLength >= 0 && DecodedBytes != decodedLength)
            return Fail(AwsChunkedError.LengthMismatch);
        state = mode.HasTrailer() ? State.Trailer : State.LastLine;
        return null;
    }

    private AwsChunkedStatus? ReadTrailerLine(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
        {
            var isSigned = mode == PayloadMode.StreamingSignedTrailer;
            if (isSigned && !trailer.HasSignature && trailer.TakeBlankLine())
                return null;
            if (!trailer.IsComplete || (isSigned && !trailer.HasSignature))
                return Fail(AwsChunkedError.MalformedTrailer);
            if (isSigned && !TrailerSignatureMatches())
                return Fail(AwsChunkedError.SignatureMismatch);
            state = State.Done;
            return null;
        }

        return trailer.TryAdd(text, mode == PayloadMode.StreamingSignedTrailer)
            ? null
            : Fail(AwsChunkedError.MalformedTrailer);
    }

    private bool TrailerSignatureMatches()
    {
        Span<byte> hash = stackalloc byte[32];
        Span<byte> expected = stackalloc byte[32];
        trailer.Hash(hash);
        signing!.SignTrailer(hash, expected);
        return CryptographicOperations.FixedTimeEquals(expected, trailer.Signature);
    }

    private bool TryReadSignature(ReadOnlySpan<byte> extension) =>
        extension.StartsWith(SignatureExtension)
        && HexText.TryDecode(extension[SignatureExtension.Length..], announced);

    private static bool TryReadSize(ReadOnlySpan<byte> digits, out long size)
    {
        size = 0;
        if (digits.Length is 0 or > MaxSizeDigits)
            return false;
        foreach (var digit in digits)
        {
            if (!char.IsAsciiHexDigit((char)digit))
                return false;
            size = (size << 4) | (uint)(digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
        }

        return size >= 0;
    }
}
