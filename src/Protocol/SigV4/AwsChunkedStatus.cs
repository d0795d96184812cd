namespace Vault.Protocol.SigV4;

/// <summary>Where an <see cref="AwsChunkedDecoder"/> stands after a call.</summary>
public enum AwsChunkedStatus
{
    /// <summary>All input was taken; more is needed.</summary>
    NeedInput,

    /// <summary>The output is full; input is left.</summary>
    NeedOutput,

    /// <summary>The body is complete and everything that could be checked was right.</summary>
    Done,

    /// <summary>The body is wrong; see <see cref="AwsChunkedDecoder.Error"/>. Nothing of it may be stored.</summary>
    Failed,
}

/// <summary>Why an aws-chunked body was refused.</summary>
public enum AwsChunkedError
{
    /// <summary>Nothing is wrong.</summary>
    None,

    /// <summary>A chunk header or the bytes after a chunk are not what the format says (400 IncompleteBody).</summary>
    MalformedChunk,

    /// <summary>The body ended early (400 IncompleteBody).</summary>
    Truncated,

    /// <summary>The data is shorter or longer than <c>x-amz-decoded-content-length</c> (400 IncompleteBody).</summary>
    LengthMismatch,

    /// <summary>Bytes follow the end of the body (400 IncompleteBody).</summary>
    TrailingData,

    /// <summary>A chunk other than the last is shorter than 8,192 bytes (403 InvalidChunkSizeError).</summary>
    ChunkTooSmall,

    /// <summary>The signature of a chunk or of the trailer is wrong (403 SignatureDoesNotMatch).</summary>
    SignatureMismatch,

    /// <summary>The trailer is malformed, too long, or not the one declared (400 MalformedTrailerError).</summary>
    MalformedTrailer,
}
