using System.Text;
using Vault.S3Gateway.Routing;

namespace Vault.S3Gateway.Tests.Routing;

public sealed class S3TargetTests
{
    private static readonly string[] Domains = ["s3.example.org"];

    [Theory]
    [InlineData("/", "", null)]
    [InlineData("/bucket", "bucket", null)]
    [InlineData("/bucket/", "bucket", null)]
    [InlineData("/bucket/key", "bucket", "key")]
    [InlineData("/bucket//key", "bucket", "/key")]
    [InlineData("/bucket/a//b/", "bucket", "a//b/")]
    [InlineData("/bucket/../other", "bucket", "../other")]
    [InlineData("/bucket/%2e%2e/other", "bucket", "../other")]
    [InlineData("/bucket/.", "bucket", ".")]
    [InlineData("/bucket/a+b%20c%2Bd", "bucket", "a+b c+d")]
    [InlineData("/bucket/%2525", "bucket", "%25")]
    [InlineData("/bucket/%E2%82%AC", "bucket", "€")]
    [InlineData("/bucket/a%3Fb", "bucket", "a?b")]
    [InlineData("/bucket/key?versionId=null", "bucket", "key")]
    [InlineData("http://host:80/bucket/key", "bucket", "key")]
    [InlineData("/s3/bucket/key", "bucket", "key")]
    public void Path_style_reads_the_raw_target(string target, string bucket, string? key)
    {
        var parsed = S3Target.Parse(target, "localhost:9000", Domains);
        Assert.Equal(bucket, parsed.Bucket);
        Assert.Equal(key, parsed.Key?.ToString());
    }

    [Theory]
    [InlineData("bucket.s3.example.org", "/", "bucket", null)]
    [InlineData("bucket.s3.example.org:9000", "/a/b", "bucket", "a/b")]
    [InlineData("a.b.s3.example.org", "//x", "a.b", "/x")]
    [InlineData("BUCKET.S3.example.ORG", "/k", "bucket", "k")]
    [InlineData("s3.example.org", "/b/k", "b", "k")]
    [InlineData("xs3.example.org", "/b/k", "b", "k")]
    [InlineData("127.0.0.1:9000", "/b/k", "b", "k")]
    [InlineData("[::1]:9000", "/b/k", "b", "k")]
    public void Virtual_host_style_takes_the_bucket_from_the_host(string host, string target, string bucket,
        string? key)
    {
        var parsed = S3Target.Parse(target, host, Domains);
        Assert.Equal(bucket, parsed.Bucket);
        Assert.Equal(key, parsed.Key?.ToString());
    }

    [Theory]
    [InlineData("/bucket/%")]
    [InlineData("/bucket/%2")]
    [InlineData("/bucket/%zz")]
    [InlineData("/bucket/%FF%FE")]
    [InlineData("/bucket/%ED%A0%80")]
    [InlineData("/%zz/key")]
    public void Malformed_escapes_are_an_invalid_uri(string target)
    {
        var refused = Assert.Throws<S3Exception>(() => S3Target.Parse(target, "h", Domains));
        Assert.Equal("InvalidURI", refused.Error.Code);
    }

    [Fact]
    public void A_key_may_have_1024_bytes_and_not_one_more()
    {
        var longest = new string('k', 1024);
        Assert.Equal(longest, S3Target.Parse("/bucket/" + longest, "h", Domains).Key!.ToString());
        var refused = Assert.Throws<S3Exception>(() => S3Target.Parse("/bucket/k" + longest, "h", Domains));
        Assert.Equal("KeyTooLongError", refused.Error.Code);
    }

    [Theory]
    [InlineData("bucket/key", "bucket", "key", null)]
    [InlineData("/bucket/key", "bucket", "key", null)]
    [InlineData("/bucket/a%20b%2Fc", "bucket", "a b/c", null)]
    [InlineData("bucket%2Fa%2Fb", "bucket", "a/b", null)]
    [InlineData("bucket/key?versionId=null", "bucket", "key", "null")]
    [InlineData("bucket/a?b", "bucket", "a?b", null)]
    public void Copy_sources_name_bucket_key_and_version(string header, string bucket, string key, string? version)
    {
        var source = S3Target.ParseCopySource(header);
        Assert.Equal((bucket, key, version), (source.Bucket, source.Key.ToString(), source.VersionId));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("bucket")]
    [InlineData("bucket/")]
    [InlineData("/bucket/")]
    [InlineData("//key")]
    public void Incomplete_copy_sources_are_refused(string header)
    {
        var refused = Assert.Throws<S3Exception>(() => S3Target.ParseCopySource(header));
        Assert.Equal("InvalidArgument", refused.Error.Code);
    }

    [Fact]
    public void Any_target_gives_a_key_of_utf8_or_a_refusal()
    {
        var random = new Random(20_260_727);
        const string Alphabet = "/ab%20FfEe8.+?&=\u00e9\uD83D*~";
        for (var i = 0; i < 50_000; i++)
        {
            var text = new StringBuilder("/");
            for (var n = random.Next(40); n > 0; n--)
                text.Append(Alphabet[random.Next(Alphabet.Length)]);
            try
            {
                var target = S3Target.Parse(text.ToString(), "x.s3.example.org", Domains);
                if (target.Key is { } key)
                    Assert.InRange(key.Bytes.Length, 1, 1024);
            }
            catch (S3Exception refused)
            {
                Assert.InRange(refused.Error.Status, 400, 499);
            }
        }
    }
}
