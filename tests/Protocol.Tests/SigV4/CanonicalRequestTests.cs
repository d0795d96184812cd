using Vault.Protocol.SigV4;

namespace Vault.Protocol.Tests.SigV4;

public sealed class CanonicalRequestTests
{
    [Theory]
    [InlineData("/", "/")]
    [InlineData("", "/")]
    [InlineData("/b/a%25b", "/b/a%25b")]
    [InlineData("/b/a%2525b", "/b/a%2525b")]
    [InlineData("/b/a+b", "/b/a%2Bb")]
    [InlineData("/b/a%20b", "/b/a%20b")]
    [InlineData("/b//x", "/b//x")]
    [InlineData("/b/../x/./y", "/b/../x/./y")]
    [InlineData("/b/%2e%2E/x", "/b/../x")]
    [InlineData("/b/caf%c3%a9", "/b/caf%C3%A9")]
    [InlineData("/b/%F0%9F%98%80", "/b/%F0%9F%98%80")]
    [InlineData("/b/a%2Fb", "/b/a/b")]
    [InlineData("/b/%zz%2", "/b/%25zz%252")]
    [InlineData("/b/!'()*:@&=$,;", "/b/%21%27%28%29%2A%3A%40%26%3D%24%2C%3B")]
    [InlineData("/b/-._~", "/b/-._~")]
    [InlineData("http://host:1/b/k?x", "/b/k")]
    [InlineData("http://host?x", "/")]
    public void Paths_are_encoded_once_and_never_normalised(string target, string path) =>
        Assert.Equal(path, Lines(target)[1]);

    [Theory]
    [InlineData("/?b=2&a=1", "a=1&b=2")]
    [InlineData("/?a=2&a=1", "a=1&a=2")]
    [InlineData("/?a&b=", "a=&b=")]
    [InlineData("/?&&a=1&", "a=1")]
    [InlineData("/?prefix=a+b", "prefix=a%20b")]
    [InlineData("/?prefix=a%2Bb", "prefix=a%2Bb")]
    [InlineData("/?prefix=a%2fb/c", "prefix=a%2Fb%2Fc")]
    [InlineData("/?a-b=1&a=2&A=3", "A=3&a=2&a-b=1")]
    [InlineData("/?a=b=c", "a=b%3Dc")]
    [InlineData("/?q=a?b", "q=a%3Fb")]
    [InlineData("/?k=%ff", "k=%FF")]
    public void Queries_are_encoded_once_and_sorted(string target, string query) =>
        Assert.Equal(query, Lines(target)[2]);

    [Fact]
    public void Many_parameters_are_sorted_too()
    {
        var names = Enumerable.Range(0, 300).Select(i => $"p{(i * 7919) % 300:d3}").ToArray();
        var expected = string.Join('&', names.Order(StringComparer.Ordinal).Select(name => name + "=1"));
        Assert.Equal(expected, Lines("/?" + string.Join('&', names.Select(name => name + "=1")))[2]);
    }

    [Fact]
    public void Header_values_are_trimmed_joined_and_their_spaces_collapsed()
    {
        var request = new ManyValues();
        var text = Canonical(request, "host;x-amz-meta-a;x-amz-meta-b;x-missing");
        Assert.Equal("GET\n/\n\nhost:h\nx-amz-meta-a:one,two three\nx-amz-meta-b:ünï \"a b\"\nx-missing:\n\n" +
            "host;x-amz-meta-a;x-amz-meta-b;x-missing\nUNSIGNED-PAYLOAD", text);
    }

    [Fact]
    public void The_signature_of_a_presigned_url_is_left_out_of_its_query()
    {
        var builder = new ByteBuilder(stackalloc byte[16]);
        CanonicalRequest.Append(
            ref builder, new SignableRequest("GET", "/?b=1&X-Amz-Signature=00&a=2", "h"), "host", "P", true, false);
        Assert.Equal("a=2&b=1", System.Text.Encoding.UTF8.GetString(builder.Written).Split('\n')[2]);
        builder.Dispose();
    }

    [Theory]
    [InlineData("a+b", "a b")]
    [InlineData("a%2Bb", "a+b")]
    [InlineData("caf%C3%A9", "café")]
    [InlineData("100%", "100%")]
    [InlineData("%ff", null)]
    public void Query_values_are_decoded_once(string encoded, string? expected) =>
        Assert.Equal(expected, QueryParameters.Decode(encoded));

    private static string[] Lines(string target) =>
        Canonical(new SignableRequest("GET", target, "h"), "host").Split('\n');

    private static string Canonical(ISigV4Request request, string signedHeaders)
    {
        var builder = new ByteBuilder(stackalloc byte[16]);
        CanonicalRequest.Append(ref builder, request, signedHeaders, PayloadModes.UnsignedPayload, false, false);
        var text = System.Text.Encoding.UTF8.GetString(builder.Written);
        builder.Dispose();
        return text;
    }

    private sealed class ManyValues : ISigV4Request
    {
        public string Method => "GET";

        public string RawTarget => "/";

        public HeaderValues GetHeader(string name) => name switch
        {
            "host" => new HeaderValues("h"),
            "x-amz-meta-a" => new HeaderValues([" one", "two   three "]),
            "x-amz-meta-b" => new HeaderValues("\t ünï  \"a    b\""),
            _ => default,
        };

        public string? FindUnsignedHeader(SignedHeaderNames signedHeaders) => null;
    }
}
