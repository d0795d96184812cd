using System.Text;
using Vault.Protocol.Ids;
using Vault.S3Gateway.Tests.Wire;

namespace Vault.S3Gateway.Tests.Buckets;

public sealed class BucketTests(VaultFixture vault)
{
    private WireClient Client => vault.Client;

    [Fact]
    public async Task A_created_bucket_can_be_headed_located_listed_and_deleted()
    {
        var bucket = await vault.NewBucketAsync();
        var head = (await Client.SendAsync("HEAD", $"/{bucket}")).Expect(200);
        Assert.Equal("us-east-1", head["x-amz-bucket-region"]);
        Assert.Equal("", (await Client.SendAsync("GET", $"/{bucket}?location")).Expect(200)
            .Value("LocationConstraint"));
        Assert.Contains(bucket, (await Client.SendAsync("GET", "/")).Expect(200).Values("Name"));
        (await Client.SendAsync("DELETE", $"/{bucket}")).Expect(204);
        (await Client.SendAsync("HEAD", $"/{bucket}")).Expect(404);
        (await Client.SendAsync("DELETE", $"/{bucket}")).Expect(404, "NoSuchBucket");
    }

    [Fact]
    public async Task Creating_ones_own_bucket_again_is_fine_in_us_east_1()
    {
        var bucket = await vault.NewBucketAsync();
        Assert.Equal("/" + bucket, (await Client.SendAsync("PUT", $"/{bucket}")).Expect(200)["Location"]);
    }

    [Fact]
    public async Task Creating_ones_own_bucket_again_elsewhere_is_a_conflict()
    {
        var bucket = "eu-" + Guid.NewGuid().ToString("N");
        var body = Encoding.UTF8.GetBytes(
            "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
            + "<LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>");
        (await Client.SendAsync("PUT", $"/{bucket}", body)).Expect(200);
        Assert.Equal("eu-west-1", (await Client.SendAsync("GET", $"/{bucket}?location")).Value("LocationConstraint"));
        Assert.Equal("eu-west-1", (await Client.SendAsync("HEAD", $"/{bucket}"))["x-amz-bucket-region"]);
        (await Client.SendAsync("PUT", $"/{bucket}", body)).Expect(409, "BucketAlreadyOwnedByYou");
    }

    [Theory]
    [InlineData("<CreateBucketConfiguration>", "MalformedXML")]
    [InlineData("<Other/>", "MalformedXML")]
    [InlineData("<CreateBucketConfiguration><LocationConstraint>a/b</LocationConstraint></CreateBucketConfiguration>",
        "InvalidLocationConstraint")]
    public async Task Wrong_configurations_are_refused(string body, string code) =>
        (await Client.SendAsync("PUT", "/some-bucket-name", Encoding.UTF8.GetBytes(body))).Expect(400, code);

    [Theory]
    [InlineData("ab")]
    [InlineData("UPPER")]
    [InlineData("under_score")]
    [InlineData("-start")]
    [InlineData("end-")]
    [InlineData("two..dots")]
    [InlineData("192.168.0.1")]
    [InlineData("xn--bucket")]
    [InlineData("a%20b")]
    public async Task Names_that_aws_refuses_are_refused(string name)
    {
        (await Client.SendAsync("PUT", $"/{name}")).Expect(400, "InvalidBucketName");
        (await Client.SendAsync("GET", $"/{name}/key")).Expect(400, "InvalidBucketName");
    }

    [Fact]
    public async Task A_bucket_with_objects_or_open_uploads_is_not_deleted()
    {
        var bucket = await vault.NewBucketAsync("key");
        (await Client.SendAsync("DELETE", $"/{bucket}")).Expect(409, "BucketNotEmpty");
        (await Client.SendAsync("DELETE", $"/{bucket}/key")).Expect(204);
        var upload = (await Client.SendAsync("POST", $"/{bucket}/key?uploads")).Value("UploadId");
        (await Client.SendAsync("DELETE", $"/{bucket}")).Expect(409, "BucketNotEmpty");
        (await Client.SendAsync("DELETE", $"/{bucket}/key?uploadId={upload}")).Expect(204);
        (await Client.SendAsync("DELETE", $"/{bucket}")).Expect(204);
    }

    [Fact]
    public async Task A_write_goes_to_the_bucket_that_has_the_name_now()
    {
        var bucket = await vault.NewBucketAsync("key");
        (await Client.SendAsync("DELETE", $"/{bucket}/key")).Expect(204);
        (await Client.SendAsync("DELETE", $"/{bucket}")).Expect(204);
        (await Client.SendAsync("PUT", $"/{bucket}/key", "lost"u8.ToArray())).Expect(404, "NoSuchBucket");
        (await Client.SendAsync("PUT", $"/{bucket}")).Expect(200);
        (await Client.SendAsync("PUT", $"/{bucket}/key", "kept"u8.ToArray())).Expect(200);
        Assert.Equal("kept", (await Client.SendAsync("GET", $"/{bucket}/key")).Expect(200).Text);
        Assert.Equal(["key"], (await Client.SendAsync("GET", $"/{bucket}")).Expect(200).Values("Key"));
    }

    [Fact]
    public async Task Buckets_are_listed_in_pages_with_owner_and_region()
    {
        var prefix = "page-" + Guid.NewGuid().ToString("N")[..8];
        for (var i = 0; i < 5; i++)
            (await Client.SendAsync("PUT", $"/{prefix}-{i}")).Expect(200);
        var first = (await Client.SendAsync("GET", $"/?max-buckets=2&prefix={prefix}")).Expect(200);
        Assert.Equal([$"{prefix}-0", $"{prefix}-1"], first.Values("Name"));
        Assert.Equal(prefix, first.Value("Prefix"));
        Assert.Equal(["us-east-1", "us-east-1"], first.Values("BucketRegion"));
        Assert.Equal(OwnerIdentity.Of(Project()).CanonicalId, first.Value("ID"));
        var second = await Client.SendAsync("GET",
            $"/?max-buckets=3&prefix={prefix}&continuation-token={first.Value("ContinuationToken")}");
        Assert.Equal([$"{prefix}-2", $"{prefix}-3", $"{prefix}-4"], second.Values("Name"));
        Assert.Equal("", second.Value("ContinuationToken"));
        Assert.Empty((await Client.SendAsync("GET", $"/?prefix={prefix}&bucket-region=eu-west-1")).Values("Name"));
        (await Client.SendAsync("GET", "/?max-buckets=0")).Expect(400, "InvalidArgument");
        (await Client.SendAsync("GET", "/?continuation-token=nonsense")).Expect(400, "InvalidArgument");
    }

    [Theory]
    [InlineData("tagging", 404, "NoSuchTagSet")]
    [InlineData("policy", 404, "NoSuchBucketPolicy")]
    [InlineData("cors", 404, "NoSuchCORSConfiguration")]
    [InlineData("lifecycle", 404, "NoSuchLifecycleConfiguration")]
    [InlineData("website", 404, "NoSuchWebsiteConfiguration")]
    [InlineData("object-lock", 404, "ObjectLockConfigurationNotFoundError")]
    [InlineData("replication", 501, "NotImplemented")]
    [InlineData("accelerate", 501, "NotImplemented")]
    [InlineData("unheard-of", 501, "NotImplemented")]
    public async Task What_is_unset_answers_as_aws_and_what_is_not_here_is_not_implemented(string sub, int status,
        string code) =>
        (await Client.SendAsync("GET", $"/{await vault.NewBucketAsync()}?{sub}")).Expect(status, code);

    [Fact]
    public async Task Settings_that_have_a_default_are_shown()
    {
        var bucket = await vault.NewBucketAsync();
        Assert.Equal("AES256", (await Client.SendAsync("GET", $"/{bucket}?encryption")).Expect(200)
            .Value("SSEAlgorithm"));
        Assert.Equal("VersioningConfiguration", (await Client.SendAsync("GET", $"/{bucket}?versioning"))
            .Expect(200).Xml.Root!.Name.LocalName);
        Assert.Equal("FULL_CONTROL", (await Client.SendAsync("GET", $"/{bucket}?acl")).Expect(200).Value("Permission"));
    }

    [Fact]
    public async Task Unset_settings_of_a_missing_bucket_are_a_missing_bucket() =>
        (await Client.SendAsync("GET", "/no-such-bucket-anywhere?policy")).Expect(404, "NoSuchBucket");

    [Theory]
    [InlineData("PUT", "versioning")]
    [InlineData("PUT", "policy")]
    [InlineData("PUT", "unheard-of")]
    [InlineData("DELETE", "policy")]
    [InlineData("DELETE", "unheard-of")]
    public async Task Unsupported_writes_change_nothing(string method, string sub)
    {
        var name = "never-" + Guid.NewGuid().ToString("N");
        (await Client.SendAsync(method, $"/{name}?{sub}", Encoding.UTF8.GetBytes("<x/>")))
            .Expect(501, "NotImplemented");
        (await Client.SendAsync("HEAD", $"/{name}")).Expect(404);
    }

    [Fact]
    public async Task Another_expected_owner_is_denied()
    {
        var bucket = await vault.NewBucketAsync("key");
        var owner = OwnerIdentity.Of(Project()).AccountId;
        (await Client.SendAsync("HEAD", $"/{bucket}", null, ("x-amz-expected-bucket-owner", owner))).Expect(200);
        (await Client.SendAsync("GET", $"/{bucket}", null, ("x-amz-expected-bucket-owner", "000000000000")))
            .Expect(403, "AccessDenied");
        (await Client.SendAsync("DELETE", $"/{bucket}", null, ("x-amz-expected-bucket-owner", "000000000000")))
            .Expect(403, "AccessDenied");
        (await Client.SendAsync("PUT", $"/{bucket}/x", [1], ("x-amz-expected-bucket-owner", "000000000000")))
            .Expect(403, "AccessDenied");
        (await Client.SendAsync("GET", $"/{bucket}/key", null, ("x-amz-expected-bucket-owner", owner))).Expect(200);
    }

    [Fact]
    public async Task Virtual_host_style_reaches_the_same_bucket()
    {
        var bucket = await vault.NewBucketAsync("folder/key");
        var client = new WireClient(Client.Endpoint, Client.AccessKeyId, Client.SecretAccessKey);
        var target = client.Presign("GET", "/folder/key", TimeSpan.FromMinutes(1), null,
            ("host", $"{bucket}.s3.vault.test"));
        Assert.Equal("folder/key",
            (await client.SendUnsignedAsync("GET", target, null, ("Host", $"{bucket}.s3.vault.test")))
            .Expect(200).Text);
    }

    [Fact]
    public async Task A_preflight_without_rules_is_forbidden()
    {
        var bucket = await vault.NewBucketAsync();
        (await Client.SendUnsignedAsync("OPTIONS", $"/{bucket}/key", null, ("Origin", "https://x.test"),
            ("Access-Control-Request-Method", "PUT")))
            .Expect(403, "AccessForbidden");
    }

    private ProjectId Project() =>
        ProjectId.TryParse(vault.Process.ProjectId, out var id) ? id : throw new InvalidOperationException();
}
