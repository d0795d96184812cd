using System.Security.Cryptography;

namespace Vault.Protocol.SigV4;

/// <summary>
/// The chain of chunk signatures of one aws-chunked body: each covers the one before it, the first the request's own.
/// </summary>
/// <remarks>docs/spec/sigv4.md, section 5. Not safe for several threads.</remarks>
public sealed class ChunkSigning : IDisposable
{
    private readonly byte[] key = new byte[SigningKeys.KeyBytes];
    private readonly byte[] previous = new byte[32];
    private readonly string timestamp;
    private readonly string scope;

    internal ChunkSigning(
        ReadOnlySpan<byte> signingKey, string timestamp, string scope, ReadOnlySpan<byte> seedSignature)
    {
        signingKey[..SigningKeys.KeyBytes].CopyTo(key);
        seedSignature.CopyTo(previous);
        this.timestamp = timestamp;
        this.scope = scope;
    }

    /// <summary>The chain that begins with a verified request.</summary>
    public static ChunkSigning Begin(SigV4Claim claim, SigningKeys keys)
    {
        Span<byte> key = stackalloc byte[SigningKeys.KeyBytes];
        keys.CopyKey(claim.Date, claim.Region, claim.Service, key);
        var signing = new ChunkSigning(key, claim.Timestamp, claim.Scope, claim.Signature);
        CryptographicOperations.ZeroMemory(key);
        return signing;
    }

    /// <summary>Signs the next chunk and moves the chain on.</summary>
    /// <param name="chunkHash">SHA-256 of the chunk's data.</param>
    /// <param name="signature">32 bytes.</param>
    public void SignChunk(ReadOnlySpan<byte> chunkHash, Span<byte> signature)
    {
        var text = new ByteBuilder(stackalloc byte[400]);
        Begin(ref text, "AWS4-HMAC-SHA256-PAYLOAD"u8);
        text.Append(PayloadModes.EmptyHash);
        text.Append((byte)'\n');
        text.AppendHex(chunkHash);
        End(ref text, signature);
    }

    /// <summary>Signs the trailer and moves the chain on.</summary>
    /// <param name="trailerHash">SHA-256 of the lines <c>name:value\n</c>.</param>
    /// <param name="signature">32 bytes.</param>
    public void SignTrailer(ReadOnlySpan<byte> trailerHash, Span<byte> signature)
    {
        var text = new ByteBuilder(stackalloc byte[400]);
        Begin(ref text, "AWS4-HMAC-SHA256-TRAILER"u8);
        text.AppendHex(trailerHash);
        End(ref text, signature);
    }

    /// <summary>Clears the key.</summary>
    public void Dispose() => CryptographicOperations.ZeroMemory(key);

    /// <summary>Nothing secret.</summary>
    public override string ToString() => "ChunkSigning(redacted)";

    private void Begin(ref ByteBuilder text, scoped ReadOnlySpan<byte> algorithm)
    {
        text.Append(algorithm);
        text.Append((byte)'\n');
        text.Append(timestamp);
        text.Append((byte)'\n');
        text.Append(scope);
        text.Append((byte)'\n');
        text.AppendHex(previous);
        text.Append((byte)'\n');
    }

    private void End(ref ByteBuilder text, scoped Span<byte> signature)
    {
        HMACSHA256.HashData(key, text.Written, previous);
        previous.CopyTo(signature);
        text.Dispose();
    }
}
