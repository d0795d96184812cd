using System.Buffers;
using System.Text.Json;
using Vault.Protocol.SigV4;
using Vault.Protocol.Tests.Vectors;

namespace Vault.Protocol.Tests.SigV4;

public sealed class PublishedExampleTests
{
    [Fact]
    public void Get_object_with_a_range_has_the_published_signature()
    {
        var request = new SignableRequest("GET", "/test.txt", SigV4Fixture.Host).With("Range", "bytes=0-9");
        Check(request, PayloadModes.EmptyHash, "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
        Assert.Equal(
            StorageVectors.Section("s3_credentials").Text("sigv4_published_check"), SigV4Fixture.SignatureOf(request));
    }

    [Fact]
    public void Put_object_has_the_published_signature()
    {
        var request = new SignableRequest("PUT", "/test%24file.text", SigV4Fixture.Host)
            .With("Date", "Fri, 24 May 2013 00:00:00 GMT").With("x-amz-storage-class", "REDUCED_REDUNDANCY");
        Check(
            request,
            "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
    }

    [Theory]
    [InlineData("/?lifecycle", "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543")]
    [InlineData("/?max-keys=2&prefix=J", "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")]
    public void Queries_have_the_published_signatures(string target, string signature) =>
        Check(new SignableRequest("GET", target, SigV4Fixture.Host), PayloadModes.EmptyHash, signature);

    [Fact]
    public void The_presigned_url_has_the_published_signature()
    {
        var target = SigV4Fixture.Presigned("GET", "/test.txt", 86400);
        Assert.EndsWith(
            "X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
            target,
            StringComparison.Ordinal);
        Assert.Equal(
            SigV4Outcome.Ok, SigV4Fixture.Verify(new SignableRequest("GET", target, SigV4Fixture.Host)));
    }

    [Fact]
    public void A_chunked_upload_has_the_published_signatures()
    {
        var request = new SignableRequest("PUT", "/examplebucket/chunkObject.txt", "s3.amazonaws.com")
            .With("x-amz-storage-class", "REDUCED_REDUNDANCY")
            .With("Content-Encoding", "aws-chunked")
            .With("x-amz-decoded-content-length", "66560")
            .With("Content-Length", "66824");
        using var signer = SigV4Fixture.Signer();
        using var signing = signer.Sign(request, PayloadModes.StreamingSigned, SigV4Fixture.Now);
        Assert.Equal(
            "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9", SigV4Fixture.SignatureOf(request));

        var body = new ArrayBufferWriter<byte>();
        var encoder = new AwsChunkedEncoder(PayloadMode.StreamingSigned, signing);
        encoder.WriteChunk(body, Letters(65536));
        encoder.WriteChunk(body, Letters(1024));
        encoder.WriteEnd(body);
        Assert.Equal(66824, body.WrittenCount);
        var text = System.Text.Encoding.ASCII.GetString(body.WrittenSpan);
        Assert.StartsWith("10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n",
            text, StringComparison.Ordinal);
        Assert.Contains("\r\n400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n",
            text, StringComparison.Ordinal);
        Assert.EndsWith(
            "\r\n0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n",
            text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_chunked_upload_with_a_signed_trailer_has_the_published_signatures()
    {
        var request = new SignableRequest("PUT", "/examplebucket/chunkObject.txt", "s3.amazonaws.com")
            .With("x-amz-storage-class", "REDUCED_REDUNDANCY")
            .With("Content-Encoding", "aws-chunked")
            .With("x-amz-decoded-content-length", "66560")
            .With("x-amz-trailer", "x-amz-checksum-crc32c");
        using var signer = SigV4Fixture.Signer();
        using var signing = signer.Sign(request, PayloadModes.StreamingSignedTrailer, SigV4Fixture.Now);
        Assert.Equal(
            "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e", SigV4Fixture.SignatureOf(request));

        var body = new ArrayBufferWriter<byte>();
        var encoder = new AwsChunkedEncoder(PayloadMode.StreamingSignedTrailer, signing);
        encoder.WriteChunk(body, Letters(65536));
        encoder.WriteChunk(body, Letters(1024));
        encoder.WriteEnd(body, new KeyValuePair<string, string>("x-amz-checksum-crc32c", "sOO8/Q=="));
        var text = System.Text.Encoding.ASCII.GetString(body.WrittenSpan);
        Assert.StartsWith("10000;chunk-signature=b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2\r\n",
            text, StringComparison.Ordinal);
        Assert.Contains("\r\n400;chunk-signature=1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7\r\n",
            text, StringComparison.Ordinal);
        Assert.EndsWith(
            "\r\n0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n" +
            "x-amz-checksum-crc32c:sOO8/Q==\r\n" +
            "x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n",
            text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_vectors_request_with_a_security_token_is_reproduced_and_verified()
    {
        var section = StorageVectors.Section("s3_credentials");
        JsonElement derived = section.GetProperty("derived"), expected = section.GetProperty("sigv4");
        Assert.True(SigV4Time.TryParse(expected.Text("x_amz_date"), out var now));
        var request = new SignableRequest(expected.Text("method"), expected.Text("path"), expected.Text("host"));
        using var signer = new SigV4Signer(
            derived.Text("access_key_id"), derived.Text("secret_access_key"), expected.Text("region"))
        {
            SecurityToken = derived.Text("security_token"),
        };
        signer.Sign(request, PayloadModes.EmptyHash, now).Dispose();

        Assert.Equal(
            $"AWS4-HMAC-SHA256 Credential={derived.Text("access_key_id")}/{expected.Text("scope")}, " +
            $"SignedHeaders={expected.Text("signed_headers")}, Signature={expected.Text("signature")}",
            request.Headers["authorization"]);
        Assert.Equal(SigV4Outcome.Ok, SigV4Parser.Parse(request, SigV4Fixture.Options, now, out var claim, out _));
        using var keys = new SigningKeys(derived.Text("secret_access_key"));
        Assert.Equal(SigV4Outcome.Ok, SigV4Verifier.Verify(request, claim!, keys));
        Assert.Equal(derived.Text("security_token"), claim!.SecurityToken);
        Assert.Equal(
            (expected.Text("canonical_request"), expected.Text("string_to_sign")),
            SigV4Verifier.Explain(request, claim));
    }

    private static byte[] Letters(int count) => [.. Enumerable.Repeat((byte)'a', count)];

    private static void Check(SignableRequest request, string payload, string signature)
    {
        using var signer = SigV4Fixture.Signer();
        signer.Sign(request, payload, SigV4Fixture.Now).Dispose();
        Assert.Equal(signature, SigV4Fixture.SignatureOf(request));
        Assert.Equal(SigV4Outcome.Ok, SigV4Fixture.Verify(request));
    }
}
