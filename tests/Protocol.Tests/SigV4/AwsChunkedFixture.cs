using System.Buffers;
using System.Text;
using Vault.Protocol.SigV4;

namespace Vault.Protocol.Tests.SigV4;

/// <summary>A signed streaming request, its framed body, and ways to decode it.</summary>
internal sealed class AwsChunkedFixture
{
    public static readonly KeyValuePair<string, string> Trailer = new("x-amz-checksum-crc32", "AAAAAA==");

    public AwsChunkedFixture(PayloadMode mode, params int[] chunks)
    {
        Mode = mode;
        var text = mode switch
        {
            PayloadMode.StreamingSigned => PayloadModes.StreamingSigned,
            PayloadMode.StreamingSignedTrailer => PayloadModes.StreamingSignedTrailer,
            _ => PayloadModes.StreamingUnsignedTrailer,
        };
        Request = new SignableRequest("PUT", "/b/k", SigV4Fixture.Host);
        using var signer = SigV4Fixture.Signer();
        using var signing = signer.Sign(Request, text, SigV4Fixture.Now);
        var encoder = new AwsChunkedEncoder(mode, signing);
        var body = new ArrayBufferWriter<byte>();
        Data = new byte[chunks.Sum()];
        new Random(5).NextBytes(Data);
        var at = 0;
        foreach (var size in chunks)
        {
            encoder.WriteChunk(body, Data.AsSpan(at, size));
            at += size;
        }

        encoder.WriteEnd(body, mode.HasTrailer() ? [Trailer] : []);
        Body = body.WrittenSpan.ToArray();
    }

    public PayloadMode Mode { get; }

    public SignableRequest Request { get; }

    public byte[] Data { get; }

    public byte[] Body { get; }

    public AwsChunkedDecoder Decoder(long? length = null, string? declared = "x-amz-checksum-crc32")
    {
        SigV4Parser.Parse(Request, SigV4Fixture.Options, SigV4Fixture.Now, out var claim, out _);
        using var keys = SigV4Fixture.Keys();
        return new AwsChunkedDecoder(
            Mode,
            length ?? Data.Length,
            Mode.HasTrailer() ? declared : null,
            Mode.HasChunkSignatures() ? ChunkSigning.Begin(claim!, keys) : null);
    }

    public byte[] Altered(string part, string replaced) =>
        Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(Body).Replace(part, replaced, StringComparison.Ordinal));

    /// <summary>Decodes pieces of the given sizes (the last one repeats) into buffers of one size.</summary>
    public static (AwsChunkedStatus Status, byte[] Data) Decode(
        AwsChunkedDecoder decoder, ReadOnlySpan<byte> body, int room, params ReadOnlySpan<int> pieces)
    {
        var data = new ArrayBufferWriter<byte>();
        var status = AwsChunkedStatus.NeedInput;
        for (var index = 0; !body.IsEmpty && status != AwsChunkedStatus.Failed; index++)
        {
            var piece = body[..Math.Min(body.Length, pieces[Math.Min(index, pieces.Length - 1)])];
            body = body[piece.Length..];
            do
            {
                status = decoder.Decode(piece, data.GetSpan(room)[..room], out var consumed, out var written);
                data.Advance(written);
                piece = piece[consumed..];
            }
            while (status == AwsChunkedStatus.NeedOutput);
        }

        return (status == AwsChunkedStatus.Failed ? status : decoder.Complete(), data.WrittenSpan.ToArray());
    }
}
