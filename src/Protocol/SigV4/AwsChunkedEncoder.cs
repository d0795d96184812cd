using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Vault.Protocol.SigV4;

/// <summary>Writes an aws-chunked body: the client's side of <see cref="AwsChunkedDecoder"/>.</summary>
/// <param name="mode">One of the three streaming modes.</param>
/// <param name="signing">The chain of signatures for the signed modes; not disposed.</param>
public sealed class AwsChunkedEncoder(PayloadMode mode, ChunkSigning? signing)
{
    /// <summary>Writes one chunk; all but the last should be at least 8,192 bytes.</summary>
    public void WriteChunk(IBufferWriter<byte> output, ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
            return;
        WriteHeader(output, data);
        output.Write(data);
        output.Write("\r\n"u8);
    }

    /// <summary>Writes the final chunk and the trailing headers.</summary>
    public void WriteEnd(IBufferWriter<byte> output, params ReadOnlySpan<KeyValuePair<string, string>> trailers)
    {
        WriteHeader(output, []);
        if (mode.HasTrailer())
            WriteTrailers(output, trailers);
        output.Write("\r\n"u8);
    }

    private void WriteTrailers(
        IBufferWriter<byte> output, scoped ReadOnlySpan<KeyValuePair<string, string>> trailers)
    {
        var lines = new ByteBuilder(stackalloc byte[512]);
        foreach (var (name, value) in trailers)
        {
            AwsTrailer.AppendLine(ref lines, name, value);
            output.Write(Encoding.UTF8.GetBytes($"{name}:{value}\r\n"));
        }

        if (mode == PayloadMode.StreamingSignedTrailer)
        {
            Span<byte> signature = stackalloc byte[32];
            signing!.SignTrailer(SHA256.HashData(lines.Written), signature);
            output.Write(Encoding.ASCII.GetBytes(
                $"x-amz-trailer-signature:{Convert.ToHexStringLower(signature)}\r\n"));
        }

        lines.Dispose();
    }

    private void WriteHeader(IBufferWriter<byte> output, ReadOnlySpan<byte> data)
    {
        var header = new ByteBuilder(stackalloc byte[128]);
        header.Append(data.Length.ToString("x", System.Globalization.CultureInfo.InvariantCulture));
        if (mode.HasChunkSignatures())
        {
            Span<byte> hash = stackalloc byte[32];
            SHA256.HashData(data, hash);
            signing!.SignChunk(hash, hash);
            header.Append(";chunk-signature="u8);
            header.AppendHex(hash);
        }

        header.Append("\r\n"u8);
        output.Write(header.Written);
        header.Dispose();
    }
}
