using System.Security.Cryptography;
using Vault.Protocol.Checksums;
using Vault.S3Gateway.Tests.Wire;

namespace Vault.S3Gateway.Tests.Objects;

public sealed class CopyTests(VaultFixture vault)
{
    private WireClient Client => vault.Client;

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(600_000)]
    public async Task A_copy_has_the_bytes_headers_and_etag_of_its_source_and_outlives_it(int length)
    {
        var (bucket, other) = (await vault.NewBucketAsync(), await vault.NewBucketAsync());
        var body = VaultFixture.Bytes(length);
        var put = (await Client.SendAsync("PUT", $"/{bucket}/from", body, ("content-type", "a/b"),
            ("x-amz-meta-a", "1"))).Expect(200);
        var copy = (await Client.SendAsync("PUT", $"/{other}/to", [], ("x-amz-copy-source", $"{bucket}/from")))
            .Expect(200);
        Assert.Equal(put.ETag, copy.Value("ETag"));
        Assert.Equal(put["x-amz-checksum-crc64nvme"], copy.Value("ChecksumCRC64NVME"));
        Assert.NotEqual("", copy.Value("LastModified"));
        (await Client.SendAsync("DELETE", $"/{bucket}/from")).Expect(204);
        var got = (await Client.SendAsync("GET", $"/{other}/to")).Expect(200);
        Assert.Equal(body, got.Body);
        Assert.Equal(("a/b", "1", put.ETag), (got["Content-Type"], got["x-amz-meta-a"], got.ETag));
    }

    [Fact]
    public async Task A_copy_to_itself_replaces_the_metadata()
    {
        var bucket = await vault.NewBucketAsync();
        var body = VaultFixture.Bytes(9000);
        (await Client.SendAsync("PUT", $"/{bucket}/key", body, ("x-amz-meta-a", "1"))).Expect(200);
        (await Client.SendAsync("PUT", $"/{bucket}/key", [], ("x-amz-copy-source", $"/{bucket}/key")))
            .Expect(400, "InvalidRequest");
        (await Client.SendAsync("PUT", $"/{bucket}/key", [], ("x-amz-copy-source", $"/{bucket}/key"),
            ("x-amz-metadata-directive", "REPLACE"), ("x-amz-meta-b", "2"), ("content-type", "c/d"))).Expect(200);
        var got = await Client.SendAsync("GET", $"/{bucket}/key");
        Assert.Equal(body, got.Body);
        Assert.False(got.Has("x-amz-meta-a"));
        Assert.Equal(("2", "c/d"), (got["x-amz-meta-b"], got["Content-Type"]));
        (await Client.SendAsync("PUT", $"/{bucket}/key", [], ("x-amz-copy-source", $"/{bucket}/key"),
            ("x-amz-metadata-directive", "MERGE"))).Expect(400, "InvalidArgument");
    }

    [Fact]
    public async Task A_copy_can_get_another_checksum()
    {
        var bucket = await vault.NewBucketAsync();
        var body = VaultFixture.Bytes(300_000);
        (await Client.SendAsync("PUT", $"/{bucket}/key", body)).Expect(200);
        var copy = (await Client.SendAsync("PUT", $"/{bucket}/copy", [], ("x-amz-copy-source", $"/{bucket}/key"),
            ("x-amz-checksum-algorithm", "SHA256"))).Expect(200);
        Assert.Equal(Convert.ToBase64String(SHA256.HashData(body)), copy.Value("ChecksumSHA256"));
        var head = await Client.SendAsync("HEAD", $"/{bucket}/copy", null, ("x-amz-checksum-mode", "ENABLED"));
        Assert.Equal(copy.Value("ChecksumSHA256"), head[ChecksumAlgorithm.Sha256.HeaderName()]);
    }

    [Fact]
    public async Task Conditions_on_source_and_target_hold_or_the_copy_is_not_made()
    {
        var bucket = await vault.NewBucketAsync("key");
        var source = $"/{bucket}/key";
        var etag = (await Client.SendAsync("HEAD", source)).ETag;
        var past = "Sat, 01 Jan 2000 00:00:00 GMT";
        (string, string)[] failing =
        [
            ("x-amz-copy-source-if-match", "\"x\""), ("x-amz-copy-source-if-none-match", etag),
            ("x-amz-copy-source-if-unmodified-since", past),
            ("x-amz-copy-source-if-modified-since", "Mon, 01 Jan 2080 00:00:00 GMT"), ("if-match", "\"x\""),
        ];
        foreach (var condition in failing)
        {
            var target = condition.Item1 == "if-match" ? source : $"/{bucket}/copy";
            (await Client.SendAsync("PUT", target, [], ("x-amz-copy-source", source),
                ("x-amz-metadata-directive", "REPLACE"), condition)).Expect(412, "PreconditionFailed");
        }

        (await Client.SendAsync("HEAD", $"/{bucket}/copy")).Expect(404);
        (await Client.SendAsync("PUT", $"/{bucket}/copy", [], ("x-amz-copy-source", source),
            ("x-amz-copy-source-if-match", etag), ("x-amz-copy-source-if-unmodified-since", past),
            ("if-none-match", "*"))).Expect(200);
        (await Client.SendAsync("PUT", $"/{bucket}/copy", [], ("x-amz-copy-source", source), ("if-none-match", "*")))
            .Expect(412, "PreconditionFailed");
    }

    [Fact]
    public async Task Sources_that_are_not_there_or_not_named_are_refused()
    {
        var bucket = await vault.NewBucketAsync("key");
        (await Client.SendAsync("PUT", $"/{bucket}/to", [], ("x-amz-copy-source", $"/{bucket}/none")))
            .Expect(404, "NoSuchKey");
        (await Client.SendAsync("PUT", $"/{bucket}/to", [], ("x-amz-copy-source", "/no-such-bucket-x/key")))
            .Expect(404, "NoSuchBucket");
        (await Client.SendAsync("PUT", $"/{bucket}/to", [], ("x-amz-copy-source", bucket)))
            .Expect(400, "InvalidArgument");
        (await Client.SendAsync("PUT", $"/{bucket}/to", [], ("x-amz-copy-source", $"/{bucket}/key?versionId=nope")))
            .Expect(404, "NoSuchVersion");
        (await Client.SendAsync("PUT", "/no-such-bucket-x/to", [], ("x-amz-copy-source", $"/{bucket}/key")))
            .Expect(404, "NoSuchBucket");
    }
}
