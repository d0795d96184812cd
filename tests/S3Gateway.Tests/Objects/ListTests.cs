using System.Text;
using Vault.S3Gateway.Tests.Wire;

namespace Vault.S3Gateway.Tests.Objects;

public sealed class ListTests(VaultFixture vault)
{
    private WireClient Client => vault.Client;

    [Fact]
    public async Task Keys_come_in_the_order_of_their_utf8_bytes()
    {
        string[] keys = ["B", "a", "A", "á", "z", "Z/1", "😀", "\uFFFD", "a/b", "a b", "a+b"];
        var bucket = await vault.NewBucketAsync(keys);
        var sorted = keys.OrderBy(key => Convert.ToHexString(Encoding.UTF8.GetBytes(key)), StringComparer.Ordinal);
        Assert.Equal(sorted, (await Client.SendAsync("GET", $"/{bucket}")).Expect(200).Values("Key"));
        Assert.Equal(sorted, (await Client.SendAsync("GET", $"/{bucket}?list-type=2")).Expect(200).Values("Key"));
    }

    [Fact]
    public async Task An_entry_shows_what_a_head_shows()
    {
        var bucket = await vault.NewBucketAsync("key");
        var head = await Client.SendAsync("HEAD", $"/{bucket}/key");
        var list = (await Client.SendAsync("GET", $"/{bucket}?list-type=2&fetch-owner=true")).Expect(200);
        Assert.Equal(head.ETag, list.Value("ETag"));
        Assert.Equal("3", list.Value("Size"));
        Assert.Equal("STANDARD", list.Value("StorageClass"));
        Assert.Equal("CRC64NVME", list.Value("ChecksumAlgorithm"));
        Assert.Equal("FULL_OBJECT", list.Value("ChecksumType"));
        Assert.Single(list.Values("Owner"));
        Assert.Empty((await Client.SendAsync("GET", $"/{bucket}?list-type=2")).Values("Owner"));
        Assert.Single((await Client.SendAsync("GET", $"/{bucket}")).Values("Owner"));
        Assert.Equal(
            DateTimeOffset.Parse(head["Last-Modified"], System.Globalization.CultureInfo.InvariantCulture)
                .ToUnixTimeSeconds(),
            DateTimeOffset.Parse(list.Value("LastModified"), System.Globalization.CultureInfo.InvariantCulture)
                .ToUnixTimeSeconds());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(1000)]
    public async Task Pages_of_any_size_give_the_same_keys_and_prefixes(int size)
    {
        string[] keys = ["a", "b/1", "b/2", "b/3", "c", "d/e/1", "d/e/2", "d/f", "e"];
        var bucket = await vault.NewBucketAsync(keys);
        Assert.Equal(keys, await AllAsync($"/{bucket}?list-type=2&max-keys={size}", "Key"));
        Assert.Equal(["a", "c", "e"], await AllAsync($"/{bucket}?list-type=2&max-keys={size}&delimiter=%2F", "Key"));
        Assert.Equal(["b/", "d/"],
            await AllAsync($"/{bucket}?list-type=2&max-keys={size}&delimiter=%2F", "CommonPrefixes"));
        Assert.Equal(["d/e/"],
            await AllAsync($"/{bucket}?list-type=2&max-keys={size}&delimiter=%2F&prefix=d%2F", "CommonPrefixes"));
        Assert.Equal(["d/f"],
            await AllAsync($"/{bucket}?list-type=2&max-keys={size}&delimiter=%2F&prefix=d%2F", "Key"));
        Assert.Equal(["b/1", "b/2", "b/3"], await AllAsync($"/{bucket}?list-type=2&max-keys={size}&prefix=b", "Key"));
        Assert.Equal(["a", "c", "e"], await AllV1Async($"/{bucket}?max-keys={size}&delimiter=%2F", "Key"));
        Assert.Equal(["b/", "d/"], await AllV1Async($"/{bucket}?max-keys={size}&delimiter=%2F", "CommonPrefixes"));
        Assert.Equal(keys, await AllV1Async($"/{bucket}?max-keys={size}", "Key"));
    }

    [Fact]
    public async Task Start_after_and_marker_are_exclusive_and_need_not_exist()
    {
        var bucket = await vault.NewBucketAsync("a", "b", "c");
        Assert.Equal(["c"], (await Client.SendAsync("GET", $"/{bucket}?list-type=2&start-after=b")).Values("Key"));
        Assert.Equal(["b", "c"], (await Client.SendAsync("GET", $"/{bucket}?list-type=2&start-after=aa"))
            .Values("Key"));
        Assert.Equal(["b", "c"], (await Client.SendAsync("GET", $"/{bucket}?marker=a")).Values("Key"));
        Assert.Empty((await Client.SendAsync("GET", $"/{bucket}?marker=z")).Values("Key"));
    }

    [Fact]
    public async Task The_answer_repeats_the_question()
    {
        var bucket = await vault.NewBucketAsync("p q/a", "p q/b");
        var v2 = (await Client.SendAsync("GET",
            $"/{bucket}?list-type=2&prefix=p%20q%2F&delimiter=%2F&max-keys=1&start-after=p%20q%2F&encoding-type=url"))
            .Expect(200);
        Assert.Equal(("p%20q/", "/", "1", "p%20q/", "url", "true", "1"),
            (v2.Value("Prefix"), v2.Value("Delimiter"), v2.Value("MaxKeys"), v2.Value("StartAfter"),
            v2.Value("EncodingType"), v2.Value("IsTruncated"), v2.Value("KeyCount")));
        Assert.Equal(bucket, v2.Value("Name"));
        var v1 = (await Client.SendAsync("GET", $"/{bucket}?prefix=p%20q%2F&delimiter=%2F&max-keys=1&marker=p%20q%2F"))
            .Expect(200);
        Assert.Equal(("p q/", "p q/", "p q/a", "true"),
            (v1.Value("Prefix"), v1.Value("Marker"), v1.Value("NextMarker"), v1.Value("IsTruncated")));
    }

    [Fact]
    public async Task No_keys_asked_for_gives_none()
    {
        var bucket = await vault.NewBucketAsync("a");
        var answer = (await Client.SendAsync("GET", $"/{bucket}?list-type=2&max-keys=0")).Expect(200);
        Assert.Equal(("0", "false"), (answer.Value("KeyCount"), answer.Value("IsTruncated")));
    }

    [Theory]
    [InlineData("max-keys=-1")]
    [InlineData("max-keys=x")]
    [InlineData("list-type=2&continuation-token=nonsense")]
    [InlineData("encoding-type=base64")]
    [InlineData("list-type=3")]
    public async Task Wrong_parameters_are_an_invalid_argument(string query) =>
        (await Client.SendAsync("GET", $"/{await vault.NewBucketAsync()}?{query}")).Expect(400, "InvalidArgument");

    [Fact]
    public async Task A_missing_bucket_has_no_listing() =>
        (await Client.SendAsync("GET", "/no-such-bucket-x?list-type=2")).Expect(404, "NoSuchBucket");

    private async Task<List<string>> AllAsync(string target, string element)
    {
        var found = new List<string>();
        for (var token = ""; ;)
        {
            var page = (await Client.SendAsync("GET",
                target + (token.Length == 0 ? "" : $"&continuation-token={token}"))).Expect(200);
            found.AddRange(page.Values(element));
            token = page.Value("NextContinuationToken");
            Assert.Equal(page.Value("IsTruncated") == "true", token.Length > 0);
            if (token.Length == 0)
                return found;
        }
    }

    private async Task<List<string>> AllV1Async(string target, string element)
    {
        var found = new List<string>();
        for (var marker = ""; ;)
        {
            var page = (await Client.SendAsync("GET", $"{target}&marker={Uri.EscapeDataString(marker)}")).Expect(200);
            found.AddRange(page.Values(element));
            if (page.Value("IsTruncated") != "true")
                return found;
            marker = page.Value("NextMarker") is { Length: > 0 } next ? next : page.Values("Key")[^1];
        }
    }
}
