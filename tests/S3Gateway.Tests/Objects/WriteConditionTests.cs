using System.Text;
using Vault.S3Gateway.Tests.Wire;

namespace Vault.S3Gateway.Tests.Objects;

public sealed class WriteConditionTests(VaultFixture vault)
{
    private WireClient Client => vault.Client;

    [Theory]
    [InlineData(10)]
    [InlineData(20_000)]
    public async Task If_none_match_creates_once(int length)
    {
        var bucket = await vault.NewBucketAsync();
        (await Client.SendAsync("PUT", $"/{bucket}/key", VaultFixture.Bytes(length), ("if-none-match", "*")))
            .Expect(200);
        (await Client.SendAsync("PUT", $"/{bucket}/key", VaultFixture.Bytes(length, 2), ("if-none-match", "*")))
            .Expect(412, "PreconditionFailed");
        Assert.Equal(VaultFixture.Bytes(length), (await Client.SendAsync("GET", $"/{bucket}/key")).Body);
        (await Client.SendAsync("DELETE", $"/{bucket}/key")).Expect(204);
        (await Client.SendAsync("PUT", $"/{bucket}/key", VaultFixture.Bytes(length, 2), ("if-none-match", "*")))
            .Expect(200);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(20_000)]
    public async Task Of_racing_creators_exactly_one_wins(int length)
    {
        var bucket = await vault.NewBucketAsync();
        for (var round = 0; round < 3; round++)
        {
            var target = $"/{bucket}/key{round}";
            var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(
                i => Client.SendAsync("PUT", target, VaultFixture.Bytes(length, i), ("if-none-match", "*"))));
            var winner = Assert.Single(answers, answer => answer.Status == 200);
            Assert.All(answers, answer => Assert.Contains(answer.Status, new[] { 200, 409, 412 }));
            Assert.Equal(winner.ETag, (await Client.SendAsync("GET", target)).ETag);
        }
    }

    [Fact]
    public async Task If_match_replaces_only_that_version()
    {
        var bucket = await vault.NewBucketAsync();
        var first = (await Client.SendAsync("PUT", $"/{bucket}/key", [1])).ETag;
        (await Client.SendAsync("PUT", $"/{bucket}/key", [2], ("if-match", "\"other\"")))
            .Expect(412, "PreconditionFailed");
        var second = (await Client.SendAsync("PUT", $"/{bucket}/key", [3], ("if-match", first))).Expect(200).ETag;
        (await Client.SendAsync("PUT", $"/{bucket}/key", [4], ("if-match", first))).Expect(412, "PreconditionFailed");
        (await Client.SendAsync("PUT", $"/{bucket}/key", [5], ("if-match", second.Trim('"')))).Expect(200);
        (await Client.SendAsync("PUT", $"/{bucket}/none", [1], ("if-match", first))).Expect(404, "NoSuchKey");
        var third = (await Client.SendAsync("GET", $"/{bucket}/key", null, ("if-match", "*"))).Expect(200).ETag;
        foreach (var method in new[] { "GET", "HEAD", "PUT" })
            (await Client.SendAsync(method, $"/{bucket}/key", null, ("if-match", $"W/{third}"))).Expect(412);
        Assert.Equal([5], (await Client.SendAsync("GET", $"/{bucket}/key")).Body);
    }

    [Fact]
    public async Task Of_racing_replacers_of_one_version_exactly_one_wins()
    {
        var bucket = await vault.NewBucketAsync();
        var etag = (await Client.SendAsync("PUT", $"/{bucket}/key", [0])).ETag;
        var answers = await Task.WhenAll(Enumerable.Range(1, 8).Select(
            i => Client.SendAsync("PUT", $"/{bucket}/key", [(byte)i], ("if-match", etag))));
        Assert.Single(answers, answer => answer.Status == 200);
        Assert.All(answers, answer => Assert.Contains(answer.Status, new[] { 200, 409, 412 }));
    }

    [Fact]
    public async Task Forms_that_aws_does_not_know_are_not_ignored()
    {
        var bucket = await vault.NewBucketAsync();
        (await Client.SendAsync("PUT", $"/{bucket}/key", [1], ("if-none-match", "\"e\"")))
            .Expect(501, "NotImplemented");
        (await Client.SendAsync("HEAD", $"/{bucket}/key")).Expect(404);
    }

    [Fact]
    public async Task Delete_with_if_match_removes_only_that_version()
    {
        var bucket = await vault.NewBucketAsync();
        var etag = (await Client.SendAsync("PUT", $"/{bucket}/key", [1])).ETag;
        (await Client.SendAsync("DELETE", $"/{bucket}/key", null, ("if-match", "\"other\"")))
            .Expect(412, "PreconditionFailed");
        (await Client.SendAsync("DELETE", $"/{bucket}/key", null, ("if-match", etag))).Expect(204);
        (await Client.SendAsync("DELETE", $"/{bucket}/key", null, ("if-match", etag))).Expect(404, "NoSuchKey");
    }

    [Fact]
    public async Task Many_keys_are_deleted_at_once_and_refusals_are_per_key()
    {
        var keys = Enumerable.Range(0, 50).Select(i => $"k/{i}").ToArray();
        var bucket = await vault.NewBucketAsync([.. keys, "kept", "changed"]);
        var document = "<Delete>" + string.Concat(keys.Select(key => $"<Object><Key>{key}</Key></Object>"))
            + "<Object><Key>absent</Key></Object><Object><Key>changed</Key><ETag>\"other\"</ETag></Object>"
            + "<Object><Key>missing</Key><ETag>\"other\"</ETag></Object></Delete>";
        var answer = (await DeleteAsync(bucket, document)).Expect(200);
        Assert.Equal([.. keys, "absent"], answer.Values("Deleted", "Key"));
        Assert.Equal(["changed", "missing"], answer.Values("Error", "Key"));
        Assert.Equal(["PreconditionFailed", "NoSuchKey"], answer.Values("Error", "Code"));
        Assert.Equal(["changed", "kept"], (await Client.SendAsync("GET", $"/{bucket}")).Values("Key"));
    }

    [Fact]
    public async Task Quiet_deletion_shows_only_refusals()
    {
        var bucket = await vault.NewBucketAsync("a", "b");
        var answer = (await DeleteAsync(bucket,
            "<Delete><Quiet>true</Quiet><Object><Key>a</Key></Object><Object><Key>b</Key></Object></Delete>"))
            .Expect(200);
        Assert.Empty(answer.Values("Deleted"));
        Assert.Empty((await Client.SendAsync("GET", $"/{bucket}")).Values("Key"));
    }

    [Fact]
    public async Task Deletion_needs_a_digest_of_its_document_and_checks_it()
    {
        var bucket = await vault.NewBucketAsync("a");
        var document = Encoding.UTF8.GetBytes("<Delete><Object><Key>a</Key></Object></Delete>");
        (await Client.SendAsync("POST", $"/{bucket}?delete", document)).Expect(400, "InvalidRequest");
        (await Client.SendAsync("POST", $"/{bucket}?delete", document, ("x-amz-checksum-crc32", "AAAAAA==")))
            .Expect(400, "BadDigest");
        (await Client.SendAsync("POST", $"/{bucket}?delete", document,
            ("content-md5", Convert.ToBase64String(new byte[16])))).Expect(400, "BadDigest");
        (await Client.SendAsync("HEAD", $"/{bucket}/a")).Expect(200);
    }

    [Theory]
    [InlineData("<Delete><Object><Key>a</Key></Object>")]
    [InlineData("<!DOCTYPE Delete [<!ENTITY x \"a\">]><Delete><Object><Key>&x;</Key></Object></Delete>")]
    [InlineData("nothing of the kind")]
    public async Task Documents_that_are_not_xml_are_malformed(string document)
    {
        var bucket = await vault.NewBucketAsync("a");
        (await DeleteAsync(bucket, document)).Expect(400, "MalformedXML");
        (await Client.SendAsync("HEAD", $"/{bucket}/a")).Expect(200);
    }

    [Fact]
    public async Task A_document_beyond_the_limit_is_refused()
    {
        var bucket = await vault.NewBucketAsync();
        var document = new byte[9 << 20];
        (await Client.SendAsync("POST", $"/{bucket}?delete", document,
            ("content-md5", Convert.ToBase64String(VaultFixture.Md5(document)))))
            .Expect(400, "MaxMessageLengthExceeded");
    }

    private Task<WireResponse> DeleteAsync(string bucket, string document)
    {
        var body = Encoding.UTF8.GetBytes(document);
        return Client.SendAsync("POST", $"/{bucket}?delete", body,
            ("content-md5", Convert.ToBase64String(VaultFixture.Md5(body))));
    }
}
