using System.Globalization;
using System.Text;
using Vault.S3Gateway.Tests.Wire;
using Vault.Testing;

namespace Vault.S3Gateway.Tests.Objects;

public sealed class PutGetTests(VaultFixture vault)
{
    private WireClient Client => vault.Client;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4095)]
    [InlineData(4096)]
    [InlineData(4097)]
    [InlineData(262_144)]
    [InlineData(262_145)]
    [InlineData(5_000_000)]
    public async Task What_was_put_comes_back(int length)
    {
        var bucket = await vault.NewBucketAsync();
        var body = VaultFixture.Bytes(length);
        var etag = $"\"{Convert.ToHexStringLower(VaultFixture.Md5(body))}\"";
        var put = (await Client.SendAsync("PUT", $"/{bucket}/key", body)).Expect(200);
        Assert.Equal(etag, put.ETag);
        Assert.Equal("AES256", put["x-amz-server-side-encryption"]);
        Assert.Equal("FULL_OBJECT", put["x-amz-checksum-type"]);
        Assert.NotEqual("", put["x-amz-checksum-crc64nvme"]);
        var got = (await Client.SendAsync("GET", $"/{bucket}/key")).Expect(200);
        Assert.Equal(body, got.Body);
        Assert.Equal(etag, got.ETag);
        Assert.Equal("bytes", got["Accept-Ranges"]);
        Assert.Equal("binary/octet-stream", got["Content-Type"]);
        Assert.False(got.Has("x-amz-checksum-crc64nvme"));
        var head = (await Client.SendAsync("HEAD", $"/{bucket}/key")).Expect(200);
        Assert.Equal(length.ToString(CultureInfo.InvariantCulture), head["Content-Length"]);
        Assert.Equal(got["Last-Modified"], head["Last-Modified"]);
    }

    [Fact]
    public async Task The_newest_put_wins_and_a_delete_removes()
    {
        var bucket = await vault.NewBucketAsync();
        foreach (var body in new[] { VaultFixture.Bytes(10), VaultFixture.Bytes(100_000), VaultFixture.Bytes(20, 2),
            [] })
        {
            (await Client.SendAsync("PUT", $"/{bucket}/key", body)).Expect(200);
            Assert.Equal(body, (await Client.SendAsync("GET", $"/{bucket}/key")).Expect(200).Body);
        }

        (await Client.SendAsync("DELETE", $"/{bucket}/key")).Expect(204);
        (await Client.SendAsync("GET", $"/{bucket}/key")).Expect(404, "NoSuchKey");
        (await Client.SendAsync("DELETE", $"/{bucket}/key")).Expect(204);
    }

    [Fact]
    public async Task Missing_keys_and_buckets_are_told_apart()
    {
        var bucket = await vault.NewBucketAsync();
        Assert.Equal("nothing", (await Client.SendAsync("GET", $"/{bucket}/nothing")).Expect(404, "NoSuchKey")
            .Value("Key"));
        Assert.Equal("no-such-bucket-here", (await Client.SendAsync("GET", "/no-such-bucket-here/key"))
            .Expect(404, "NoSuchBucket").Value("BucketName"));
        (await Client.SendAsync("PUT", "/no-such-bucket-here/key", [1])).Expect(404, "NoSuchBucket");
        (await Client.SendAsync("PUT", "/no-such-bucket-here/key", new byte[10_000])).Expect(404, "NoSuchBucket");
        (await Client.SendAsync("HEAD", $"/{bucket}/nothing")).Expect(404);
    }

    [Theory]
    [InlineData(" leading and trailing ")]
    [InlineData("a+b")]
    [InlineData("%25")]
    [InlineData("%")]
    [InlineData("a//b")]
    [InlineData("/leading")]
    [InlineData("..")]
    [InlineData("../up")]
    [InlineData("a/./b/../c")]
    [InlineData("folder/")]
    [InlineData("?query=no&x#frag")]
    [InlineData("emoji 😀 é ü 漢字")]
    [InlineData("quote\"'<>&")]
    [InlineData("tab\tnewline\ncontrol\u0001")]
    [InlineData("back\\slash|pipe`~^{}[]")]
    public async Task Awkward_keys_keep_their_names(string key)
    {
        var bucket = await vault.NewBucketAsync(key);
        Assert.Equal(key, (await Client.SendAsync("GET", S3TestClient.Target(bucket, key))).Expect(200).Text);
        var encoded = (await Client.SendAsync("GET", $"/{bucket}?list-type=2&encoding-type=url")).Expect(200);
        Assert.Equal([key], encoded.Values("Key").Select(Uri.UnescapeDataString));
        (await Client.SendAsync("DELETE", S3TestClient.Target(bucket, key))).Expect(204);
        Assert.Equal("0", (await Client.SendAsync("GET", $"/{bucket}?list-type=2")).Value("KeyCount"));
    }

    [Fact]
    public async Task Keys_have_1024_bytes_at_most()
    {
        var bucket = await vault.NewBucketAsync(new string('k', 1024));
        Assert.Equal(1024, (await Client.SendAsync("GET", $"/{bucket}/{new string('k', 1024)}"))
            .Expect(200).Body.Length);
        (await Client.SendAsync("PUT", $"/{bucket}/{new string('k', 1025)}", [1])).Expect(400, "KeyTooLongError");
    }

    [Fact]
    public async Task Headers_and_metadata_come_back()
    {
        var bucket = await vault.NewBucketAsync();
        (await Client.SendAsync(
            "PUT", $"/{bucket}/key", [1, 2, 3],
            ("content-type", "text/plain; charset=utf-8"), ("content-encoding", "gzip"), ("cache-control", "max-age=1"),
            ("content-disposition", "attachment; filename=\"a b\""), ("content-language", "de"),
            ("expires", "Thu, 01 Dec 2050 16:00:00 GMT"), ("x-amz-meta-a", "one"), ("x-amz-meta-mixed-case", "Zwei é"),
            ("x-amz-acl", "private"), ("x-amz-storage-class", "STANDARD"))).Expect(200);
        foreach (var method in new[] { "GET", "HEAD" })
        {
            var got = (await Client.SendAsync(method, $"/{bucket}/key")).Expect(200);
            Assert.Equal("text/plain; charset=utf-8", got["Content-Type"]);
            Assert.Equal("gzip", got["Content-Encoding"]);
            Assert.Equal("max-age=1", got["Cache-Control"]);
            Assert.Equal("attachment; filename=\"a b\"", got["Content-Disposition"]);
            Assert.Equal("de", got["Content-Language"]);
            Assert.Equal("Thu, 01 Dec 2050 16:00:00 GMT", got["Expires"]);
            Assert.Equal("one", got["x-amz-meta-a"]);
            Assert.Equal("Zwei é", got["x-amz-meta-mixed-case"]);
        }
    }

    [Fact]
    public async Task Too_much_metadata_is_refused_and_nothing_is_stored()
    {
        var bucket = await vault.NewBucketAsync();
        (await Client.SendAsync("PUT", $"/{bucket}/key", [1], ("x-amz-meta-a", new string('v', 2048))))
            .Expect(400, "MetadataTooLarge");
        (await Client.SendAsync("GET", $"/{bucket}/key")).Expect(404, "NoSuchKey");
    }

    [Fact]
    public async Task Overrides_change_the_answers_headers()
    {
        var bucket = await vault.NewBucketAsync("key");
        var got = (await Client.SendAsync(
            "GET",
            $"/{bucket}/key?response-content-type=a%2Fb&response-content-disposition=attachment"
            + "&response-cache-control=no-store"
            + "&response-content-language=fr&response-content-encoding=br"
            + "&response-expires=Thu%2C%2001%20Dec%202050%2016%3A00%3A00%20GMT")).Expect(200);
        Assert.Equal("a/b", got["Content-Type"]);
        Assert.Equal("attachment", got["Content-Disposition"]);
        Assert.Equal("no-store", got["Cache-Control"]);
        Assert.Equal("fr", got["Content-Language"]);
        Assert.Equal("br", got["Content-Encoding"]);
        Assert.Equal("Thu, 01 Dec 2050 16:00:00 GMT", got["Expires"]);
        (await Client.SendAsync("GET", $"/{bucket}/key?response-content-type=a%0D%0Ax-evil%3A1"))
            .Expect(400, "InvalidArgument");
    }

    [Theory]
    [InlineData("bytes=0-0", 206, "bytes 0-0/10000")]
    [InlineData("bytes=100-199", 206, "bytes 100-199/10000")]
    [InlineData("bytes=9990-", 206, "bytes 9990-9999/10000")]
    [InlineData("bytes=-10", 206, "bytes 9990-9999/10000")]
    [InlineData("bytes=0-99999", 206, "bytes 0-9999/10000")]
    [InlineData("bytes=3-1", 200, "")]
    [InlineData("bytes=0-1,4-5", 200, "")]
    public async Task Ranges_give_their_bytes(string range, int status, string contentRange)
    {
        var bucket = await vault.NewBucketAsync();
        var body = VaultFixture.Bytes(10_000);
        (await Client.SendAsync("PUT", $"/{bucket}/key", body)).Expect(200);
        var got = (await Client.SendAsync("GET", $"/{bucket}/key", null, ("range", range),
            ("x-amz-checksum-mode", "ENABLED"))).Expect(status);
        Assert.Equal(contentRange, got["Content-Range"]);
        var (from, to) = status == 200 ? (0, 9999) : Bounds(contentRange);
        Assert.Equal(body[from..(to + 1)], got.Body);
        Assert.Equal(got.Body.Length == body.Length, got.Has("x-amz-checksum-crc64nvme"));
    }

    [Fact]
    public async Task Ranges_cross_chunks()
    {
        var bucket = await vault.NewBucketAsync();
        var body = VaultFixture.Bytes(1_000_000);
        (await Client.SendAsync("PUT", $"/{bucket}/key", body)).Expect(200);
        foreach (var (from, to) in new[] { (262_140, 262_150), (0, 999_999), (262_144, 524_287), (999_999, 999_999),
            (1, 786_432) })
        {
            var got = (await Client.SendAsync("GET", $"/{bucket}/key", null, ("range", $"bytes={from}-{to}")))
                .Expect(206);
            Assert.Equal(body[from..(to + 1)], got.Body);
        }
    }

    [Fact]
    public async Task Unsatisfiable_ranges_say_how_long_the_object_is()
    {
        var bucket = await vault.NewBucketAsync();
        (await Client.SendAsync("PUT", $"/{bucket}/empty")).Expect(200);
        (await Client.SendAsync("PUT", $"/{bucket}/ten", new byte[10])).Expect(200);
        var refused = (await Client.SendAsync("GET", $"/{bucket}/ten", null, ("range", "bytes=10-")))
            .Expect(416, "InvalidRange");
        Assert.Equal("10", refused.Value("ActualObjectSize"));
        Assert.Equal("bytes */10", refused["Content-Range"]);
        (await Client.SendAsync("GET", $"/{bucket}/empty", null, ("range", "bytes=0-0"))).Expect(416, "InvalidRange");
    }

    [Fact]
    public async Task If_range_gives_the_whole_body_when_the_object_changed()
    {
        var bucket = await vault.NewBucketAsync();
        var etag = (await Client.SendAsync("PUT", $"/{bucket}/key", "0123456789"u8.ToArray())).ETag;
        Assert.Equal("01",
            (await Client.SendAsync("GET", $"/{bucket}/key", null, ("range", "bytes=0-1"), ("if-range", etag)))
            .Expect(206).Text);
        Assert.Equal("0123456789",
            (await Client.SendAsync("GET", $"/{bucket}/key", null, ("range", "bytes=0-1"), ("if-range", "\"other\"")))
            .Expect(200).Text);
    }

    [Fact]
    public async Task Conditions_of_reads_follow_rfc_9110()
    {
        var bucket = await vault.NewBucketAsync("key");
        var got = await Client.SendAsync("GET", $"/{bucket}/key");
        var (etag, modified) = (got.ETag, got["Last-Modified"]);
        var past = "Sat, 01 Jan 2000 00:00:00 GMT";
        var notModified = (await Client.SendAsync("GET", $"/{bucket}/key", null, ("if-none-match", etag))).Expect(304);
        Assert.Equal(etag, notModified.ETag);
        (await Client.SendAsync("HEAD", $"/{bucket}/key", null, ("if-none-match", etag))).Expect(304);
        (await Client.SendAsync("GET", $"/{bucket}/key", null, ("if-modified-since", modified))).Expect(304);
        (await Client.SendAsync("GET", $"/{bucket}/key", null, ("if-none-match", "\"x\""),
            ("if-modified-since", modified))).Expect(200);
        (await Client.SendAsync("GET", $"/{bucket}/key", null, ("if-match", etag), ("if-unmodified-since", past)))
            .Expect(200);
        (await Client.SendAsync("GET", $"/{bucket}/key", null, ("if-match", "\"x\"")))
            .Expect(412, "PreconditionFailed");
        (await Client.SendAsync("GET", $"/{bucket}/key", null, ("if-unmodified-since", past)))
            .Expect(412, "PreconditionFailed");
        (await Client.SendAsync("HEAD", $"/{bucket}/key", null, ("if-match", "\"x\""))).Expect(412);
    }

    [Fact]
    public async Task Request_ids_are_on_every_answer_and_differ()
    {
        var bucket = await vault.NewBucketAsync("key");
        var ids = new HashSet<string>();
        foreach (var (method, target) in new[] { ("GET", "/"), ("GET", $"/{bucket}/key"), ("HEAD", $"/{bucket}/key"),
            ("GET", $"/{bucket}/none"), ("PUT", $"/{bucket}/key"), ("DELETE", $"/{bucket}/none"), ("POST", "/") })
            ids.Add((await Client.SendAsync(method, target))["x-amz-request-id"]);
        Assert.Equal(7, ids.Count);
        Assert.All(ids, id => Assert.Equal(16, id.Length));
    }

    [Fact]
    public async Task Unset_object_settings_answer_as_aws()
    {
        var bucket = await vault.NewBucketAsync("key");
        Assert.Empty((await Client.SendAsync("GET", $"/{bucket}/key?tagging")).Expect(200).Values("Tag"));
        Assert.Equal("FULL_CONTROL", (await Client.SendAsync("GET", $"/{bucket}/key?acl")).Expect(200)
            .Value("Permission"));
        (await Client.SendAsync("GET", $"/{bucket}/none?tagging")).Expect(404, "NoSuchKey");
        (await Client.SendAsync("PUT", $"/{bucket}/key?tagging", Encoding.UTF8.GetBytes("<Tagging/>")))
            .Expect(501, "NotImplemented");
        Assert.Equal("key", (await Client.SendAsync("GET", $"/{bucket}/key?versionId=null")).Expect(200).Text);
        (await Client.SendAsync("GET", $"/{bucket}/key?versionId=abc")).Expect(404, "NoSuchVersion");
    }

    [Fact]
    public async Task Attributes_show_what_was_asked_for()
    {
        var bucket = await vault.NewBucketAsync();
        var put = await Client.SendAsync("PUT", $"/{bucket}/key", VaultFixture.Bytes(5000));
        var got = (await Client.SendAsync("GET", $"/{bucket}/key?attributes", null,
            ("x-amz-object-attributes", "ETag,Checksum,ObjectParts,StorageClass,ObjectSize"))).Expect(200);
        Assert.Equal(put.ETag.Trim('"'), got.Value("ETag"));
        Assert.Equal(put["x-amz-checksum-crc64nvme"], got.Value("ChecksumCRC64NVME"));
        Assert.Equal("5000", got.Value("ObjectSize"));
        Assert.Equal("STANDARD", got.Value("StorageClass"));
        (await Client.SendAsync("GET", $"/{bucket}/key?attributes", null, ("x-amz-object-attributes", "Nonsense")))
            .Expect(400, "InvalidArgument");
        (await Client.SendAsync("GET", $"/{bucket}/key?attributes")).Expect(400, "InvalidArgument");
    }

    private static (int From, int To) Bounds(string contentRange)
    {
        var numbers = contentRange["bytes ".Length..contentRange.IndexOf('/', StringComparison.Ordinal)].Split('-');
        return (int.Parse(numbers[0], CultureInfo.InvariantCulture),
            int.Parse(numbers[1], CultureInfo.InvariantCulture));
    }
}
