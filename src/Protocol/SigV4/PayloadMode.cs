namespace Vault.Protocol.SigV4;

/// <summary>What <c>x-amz-content-sha256</c> says about the body.</summary>
public enum PayloadMode
{
    /// <summary>64 hex digits: the SHA-256 of the whole body is signed.</summary>
    Hash,

    /// <summary><c>UNSIGNED-PAYLOAD</c>.</summary>
    UnsignedPayload,

    /// <summary><c>STREAMING-AWS4-HMAC-SHA256-PAYLOAD</c>: aws-chunked, each chunk signed.</summary>
    StreamingSigned,

    /// <summary><c>STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER</c>: each chunk and the trailer signed.</summary>
    StreamingSignedTrailer,

    /// <summary><c>STREAMING-UNSIGNED-PAYLOAD-TRAILER</c>: aws-chunked with a trailer, nothing signed.</summary>
    StreamingUnsignedTrailer,
}

/// <summary>The texts of <see cref="PayloadMode"/>.</summary>
public static class PayloadModes
{
    /// <summary>Text of <see cref="PayloadMode.UnsignedPayload"/>.</summary>
    public const string UnsignedPayload = "UNSIGNED-PAYLOAD";

    /// <summary>Text of <see cref="PayloadMode.StreamingSigned"/>.</summary>
    public const string StreamingSigned = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";

    /// <summary>Text of <see cref="PayloadMode.StreamingSignedTrailer"/>.</summary>
    public const string StreamingSignedTrailer = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";

    /// <summary>Text of <see cref="PayloadMode.StreamingUnsignedTrailer"/>.</summary>
    public const string StreamingUnsignedTrailer = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";

    /// <summary>SHA-256 of nothing, in hex.</summary>
    public const string EmptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    /// <summary>True for the three aws-chunked modes.</summary>
    public static bool IsStreaming(this PayloadMode mode) => mode >= PayloadMode.StreamingSigned;

    /// <summary>True when chunks carry signatures.</summary>
    public static bool HasChunkSignatures(this PayloadMode mode) =>
        mode is PayloadMode.StreamingSigned or PayloadMode.StreamingSignedTrailer;

    /// <summary>True when trailing headers follow the last chunk.</summary>
    public static bool HasTrailer(this PayloadMode mode) =>
        mode is PayloadMode.StreamingSignedTrailer or PayloadMode.StreamingUnsignedTrailer;

    /// <summary>Reads the value of <c>x-amz-content-sha256</c>.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out PayloadMode mode)
    {
        mode = text switch
        {
            UnsignedPayload => PayloadMode.UnsignedPayload,
            StreamingSigned => PayloadMode.StreamingSigned,
            StreamingSignedTrailer => PayloadMode.StreamingSignedTrailer,
            StreamingUnsignedTrailer => PayloadMode.StreamingUnsignedTrailer,
            _ => PayloadMode.Hash,
        };
        return mode != PayloadMode.Hash || (text.Length == 64 && HexText.IsHex(text));
    }
}
