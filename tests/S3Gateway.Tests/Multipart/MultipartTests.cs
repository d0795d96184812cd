using System.Text;
using Vault.Protocol.Checksums;
using Vault.S3Gateway.Tests.Wire;

namespace Vault.S3Gateway.Tests.Multipart;

public sealed class MultipartTests(VaultFixture vault)
{
    private const int PartBytes = 5 << 20;

    private WireClient Client => vault.Client;

    [Fact]
    public async Task Parts_become_one_object_with_ranges_and_part_numbers()
    {
        var bucket = await vault.NewBucketAsync();
        byte[][] parts = [VaultFixture.Bytes(PartBytes), VaultFixture.Bytes(PartBytes + 1, 2),
            VaultFixture.Bytes(1000, 3)];
        byte[] whole = [.. parts.SelectMany(part => part)];
        var id = await CreateAsync($"/{bucket}/key", ("content-type", "a/b"), ("x-amz-meta-a", "1"));
        var list = await UploadAsync($"/{bucket}/key", id, [2, 1, 3], number => parts[number - 1]);
        var done = await CompleteAsync($"/{bucket}/key", id, list);
        byte[] digests = [.. parts.SelectMany(part => VaultFixture.Md5(part))];
        Assert.Equal($"\"{Convert.ToHexStringLower(VaultFixture.Md5(digests))}-3\"", done.Expect(200).Value("ETag"));
        Assert.Equal((bucket, "key"), (done.Value("Bucket"), done.Value("Key")));
        Assert.Contains($"/{bucket}/key", done.Value("Location"));
        Assert.Equal(Of(ChecksumAlgorithm.Crc64Nvme, whole), done.Value("ChecksumCRC64NVME"));
        Assert.Equal("FULL_OBJECT", done.Value("ChecksumType"));
        var got = (await Client.SendAsync("GET", $"/{bucket}/key")).Expect(200);
        Assert.Equal(whole, got.Body);
        Assert.Equal(("a/b", "1", done.Value("ETag")), (got["Content-Type"], got["x-amz-meta-a"], got.ETag));
        var across = (await Client.SendAsync("GET", $"/{bucket}/key", null,
            ("range", $"bytes={PartBytes - 5}-{(2 * PartBytes) + 10}"))).Expect(206);
        Assert.Equal(whole[(PartBytes - 5)..((2 * PartBytes) + 11)], across.Body);
        var third = (await Client.SendAsync("GET", $"/{bucket}/key?partNumber=3")).Expect(206);
        Assert.Equal(parts[2], third.Body);
        Assert.Equal(("3", $"bytes {whole.Length - 1000}-{whole.Length - 1}/{whole.Length}"),
            (third["x-amz-mp-parts-count"], third["Content-Range"]));
        Assert.Equal("1000", (await Client.SendAsync("HEAD", $"/{bucket}/key?partNumber=3"))
            .Expect(206)["Content-Length"]);
        (await Client.SendAsync("GET", $"/{bucket}/key?partNumber=4")).Expect(416, "InvalidPartNumber");
        (await Client.SendAsync("GET", $"/{bucket}/key?partNumber=1", null, ("range", "bytes=0-1")))
            .Expect(400, "InvalidRequest");
        var attributes = await Client.SendAsync("GET", $"/{bucket}/key?attributes", null,
            ("x-amz-object-attributes", "ObjectParts,ObjectSize"), ("x-amz-max-parts", "2"));
        Assert.Equal(("3", "true"), (attributes.Expect(200).Value("PartsCount"), attributes.Value("IsTruncated")));
        var copy = (await Client.SendAsync("PUT", $"/{bucket}/copy", [], ("x-amz-copy-source", $"/{bucket}/key")))
            .Expect(200);
        (await Client.SendAsync("DELETE", $"/{bucket}/key")).Expect(204);
        Assert.Equal(done.Value("ETag"), copy.Value("ETag"));
        Assert.Equal(whole, (await Client.SendAsync("GET", $"/{bucket}/copy")).Body);
        Assert.Equal(parts[1], (await Client.SendAsync("GET", $"/{bucket}/copy?partNumber=2")).Body);
    }

    [Fact]
    public async Task Completing_twice_gives_the_same_answer_and_aborting_then_is_too_late()
    {
        var bucket = await vault.NewBucketAsync();
        var id = await CreateAsync($"/{bucket}/key");
        var list = await UploadAsync($"/{bucket}/key", id, [1], _ => [1, 2, 3]);
        var first = (await CompleteAsync($"/{bucket}/key", id, list)).Expect(200);
        var second = (await CompleteAsync($"/{bucket}/key", id, list)).Expect(200);
        Assert.Equal(first.Text, second.Text);
        (await Client.SendAsync("PUT", $"/{bucket}/key?partNumber=1&uploadId={id}", [1])).Expect(404, "NoSuchUpload");
        (await Client.SendAsync("DELETE", $"/{bucket}/key?uploadId={id}")).Expect(404, "NoSuchUpload");
        Assert.Equal([1, 2, 3], (await Client.SendAsync("GET", $"/{bucket}/key")).Body);
    }

    [Fact]
    public async Task The_location_has_the_scheme_that_a_trusted_proxy_was_asked_by()
    {
        var bucket = await vault.NewBucketAsync();
        var id = await CreateAsync($"/{bucket}/key");
        var list = await UploadAsync($"/{bucket}/key", id, [1], _ => [1]);
        var done = await CompleteAsync($"/{bucket}/key", id, list, ("x-forwarded-proto", "https"));
        Assert.StartsWith("https://", done.Expect(200).Value("Location"));
    }

    [Fact]
    public async Task An_aborted_upload_is_gone()
    {
        var bucket = await vault.NewBucketAsync();
        var id = await CreateAsync($"/{bucket}/key");
        var list = await UploadAsync($"/{bucket}/key", id, [1], _ => [1]);
        (await Client.SendAsync("DELETE", $"/{bucket}/key?uploadId={id}")).Expect(204);
        (await CompleteAsync($"/{bucket}/key", id, list)).Expect(404, "NoSuchUpload");
        (await Client.SendAsync("GET", $"/{bucket}/key?uploadId={id}")).Expect(404, "NoSuchUpload");
        (await Client.SendAsync("DELETE", $"/{bucket}/key?uploadId={id}")).Expect(404, "NoSuchUpload");
        (await Client.SendAsync("PUT", $"/{bucket}/key?partNumber=1&uploadId=nonsense", [1]))
            .Expect(404, "NoSuchUpload");
        (await Client.SendAsync("HEAD", $"/{bucket}/key")).Expect(404);
    }

    [Fact]
    public async Task Completion_checks_its_parts()
    {
        var bucket = await vault.NewBucketAsync();
        var target = $"/{bucket}/key";
        var id = await CreateAsync(target);
        var list = await UploadAsync(target, id, [1, 2], _ => [1, 2, 3]);
        (await CompleteAsync(target, id, list)).Expect(400, "EntityTooSmall");
        (await CompleteAsync(target, id, list.Replace("<PartNumber>2", "<PartNumber>3", StringComparison.Ordinal)))
            .Expect(400, "InvalidPart");
        (await CompleteAsync(target, id, Part(1, "\"0123456789abcdef0123456789abcdef\""))).Expect(400, "InvalidPart");
        (await CompleteAsync(target, id, Part(2, "x") + Part(1, "x"))).Expect(400, "InvalidPartOrder");
        (await CompleteAsync(target, id, "")).Expect(400, "MalformedXML");
        (await Client.SendAsync("PUT", $"{target}?partNumber=0&uploadId={id}", [1])).Expect(400, "InvalidArgument");
        (await Client.SendAsync("PUT", $"{target}?partNumber=10001&uploadId={id}", [1])).Expect(400, "InvalidArgument");
        (await Client.SendAsync("HEAD", target)).Expect(404);
    }

    [Fact]
    public async Task Parts_that_were_not_chosen_or_were_replaced_are_not_in_the_object()
    {
        var bucket = await vault.NewBucketAsync();
        var target = $"/{bucket}/key";
        var id = await CreateAsync(target);
        await UploadAsync(target, id, [1, 3, 7], number => [(byte)number]);
        var list = await UploadAsync(target, id, [3], _ => [33]);
        (await CompleteAsync(target, id, list)).Expect(200);
        Assert.Equal([33], (await Client.SendAsync("GET", target)).Body);
    }

    [Fact]
    public async Task Sizes_and_conditions_of_the_completion_are_checked()
    {
        var bucket = await vault.NewBucketAsync();
        var target = $"/{bucket}/key";
        var id = await CreateAsync(target);
        var list = await UploadAsync(target, id, [1], _ => [1, 2, 3]);
        (await CompleteAsync(target, id, list, ("x-amz-mp-object-size", "4"))).Expect(400, "InvalidRequest");
        (await CompleteAsync(target, id, list, ("if-match", "\"x\""))).Expect(404, "NoSuchKey");
        (await Client.SendAsync("PUT", target, [9])).Expect(200);
        (await CompleteAsync(target, id, list, ("if-none-match", "*"))).Expect(412, "PreconditionFailed");
        (await CompleteAsync(target, id, list, ("if-match", "\"x\""))).Expect(412, "PreconditionFailed");
        Assert.Equal([9], (await Client.SendAsync("GET", target)).Body);
        var etag = (await Client.SendAsync("HEAD", target)).ETag;
        (await CompleteAsync(target, id, list, ("if-match", etag), ("x-amz-mp-object-size", "3"))).Expect(200);
        Assert.Equal([1, 2, 3], (await Client.SendAsync("GET", target)).Body);
    }

    [Theory]
    [InlineData("CRC32", "COMPOSITE")]
    [InlineData("CRC32C", "COMPOSITE")]
    [InlineData("SHA1", "COMPOSITE")]
    [InlineData("SHA256", "COMPOSITE")]
    [InlineData("SHA512", "COMPOSITE")]
    [InlineData("MD5", "COMPOSITE")]
    [InlineData("CRC32", "FULL_OBJECT")]
    [InlineData("CRC32C", "FULL_OBJECT")]
    [InlineData("CRC64NVME", "FULL_OBJECT")]
    public async Task Checksums_of_all_kinds_are_combined(string name, string type)
    {
        Assert.True(ChecksumAlgorithms.TryParse(name, out ChecksumAlgorithm algorithm));
        var bucket = await vault.NewBucketAsync();
        var target = $"/{bucket}/key";
        byte[][] parts = [VaultFixture.Bytes(PartBytes), VaultFixture.Bytes(77, 2)];
        var created = (await Client.SendAsync("POST", $"{target}?uploads", [], ("x-amz-checksum-algorithm", name),
            ("x-amz-checksum-type", type))).Expect(200);
        Assert.Equal((name, type), (created["x-amz-checksum-algorithm"], created["x-amz-checksum-type"]));
        var id = created.Value("UploadId");
        var list = "";
        for (var i = 0; i < 2; i++)
        {
            var value = Of(algorithm, parts[i]);
            var part = (await Client.SendAsync("PUT", $"{target}?partNumber={i + 1}&uploadId={id}", parts[i],
                (algorithm.HeaderName(), value))).Expect(200);
            Assert.Equal(value, part[algorithm.HeaderName()]);
            list += Part(i + 1, part.ETag, $"<Checksum{name}>{value}</Checksum{name}>");
        }

        var listed = (await Client.SendAsync("GET", $"{target}?uploadId={id}")).Expect(200);
        Assert.Equal((name, type), (listed.Value("ChecksumAlgorithm"), listed.Value("ChecksumType")));
        Assert.Equal(parts.Select(part => Of(algorithm, part)), listed.Values("Checksum" + name));
        var wrong = list.Replace(Of(algorithm, parts[1]), Of(algorithm, [1]), StringComparison.Ordinal);
        (await CompleteAsync(target, id, wrong)).Expect(400, "InvalidPart");
        var expected = type == "FULL_OBJECT" ? Of(algorithm, [.. parts[0], .. parts[1]]) : Composite(algorithm, parts);
        (await CompleteAsync(target, id, list, (algorithm.HeaderName(), Of(algorithm, [1])))).Expect(400, "BadDigest");
        var done = (await CompleteAsync(target, id, list, (algorithm.HeaderName(), expected),
            ("x-amz-checksum-type", type))).Expect(200);
        Assert.Equal((expected, type), (done.Value("Checksum" + name), done.Value("ChecksumType")));
        var head = await Client.SendAsync("HEAD", target, null, ("x-amz-checksum-mode", "ENABLED"));
        Assert.Equal((expected, type), (head[algorithm.HeaderName()], head["x-amz-checksum-type"]));
        Assert.Equal(parts.Select(part => Of(algorithm, part)), await PartChecksumsAsync(target, name));
        Assert.Equal([Of(algorithm, parts[0])], await PartChecksumsAsync(target, name, ("x-amz-max-parts", "1")));
        Assert.Equal(
            [Of(algorithm, parts[1])], await PartChecksumsAsync(target, name, ("x-amz-part-number-marker", "1")));
        (await Client.SendAsync("PUT", target + "-copy", [], ("x-amz-copy-source", target))).Expect(200);
        Assert.Equal(parts.Select(part => Of(algorithm, part)), await PartChecksumsAsync(target + "-copy", name));
        var other = name == "SHA1" ? "SHA256" : "SHA1";
        (await Client.SendAsync("PUT", target + "-other", [], ("x-amz-copy-source", target),
            ("x-amz-checksum-algorithm", other))).Expect(200);
        Assert.Empty(await PartChecksumsAsync(target + "-other", name));
        Assert.Empty(await PartChecksumsAsync(target + "-other", other));
    }

    [Fact]
    public async Task An_upload_that_names_no_algorithm_keeps_no_checksums_of_parts()
    {
        var bucket = await vault.NewBucketAsync();
        var id = await CreateAsync($"/{bucket}/key");
        var list = await UploadAsync($"/{bucket}/key", id, [1], _ => [1, 2, 3]);
        (await CompleteAsync($"/{bucket}/key", id, list)).Expect(200);
        Assert.Empty(await PartChecksumsAsync($"/{bucket}/key", "CRC64NVME"));
    }

    private async Task<string[]> PartChecksumsAsync(string target, string name, params (string, string)[] headers)
    {
        var answer = await Client.SendAsync(
            "GET", target + "?attributes", null, [("x-amz-object-attributes", "ObjectParts"), .. headers]);
        return answer.Expect(200).Values("Part", "Checksum" + name);
    }

    [Theory]
    [InlineData("CRC64NVME", "COMPOSITE")]
    [InlineData("SHA1", "FULL_OBJECT")]
    [InlineData("SHA256", "FULL_OBJECT")]
    [InlineData("CRC99", null)]
    [InlineData("CRC32", "HALF_OBJECT")]
    [InlineData(null, "FULL_OBJECT")]
    public async Task Pairs_that_aws_refuses_are_refused(string? algorithm, string? type)
    {
        (string Name, string? Value)[] named = [("x-amz-checksum-algorithm", algorithm), ("x-amz-checksum-type", type)];
        (string, string)[] headers = [.. named.Where(h => h.Value is not null).Select(h => (h.Name, h.Value!))];
        (await Client.SendAsync("POST", $"/{await vault.NewBucketAsync()}/key?uploads", [], headers))
            .Expect(400, "InvalidRequest");
    }

    [Fact]
    public async Task A_part_with_another_algorithm_than_the_uploads_is_refused()
    {
        var bucket = await vault.NewBucketAsync();
        var id = await CreateAsync($"/{bucket}/key", ("x-amz-checksum-algorithm", "SHA256"));
        (await Client.SendAsync("PUT", $"/{bucket}/key?partNumber=1&uploadId={id}", [1],
            ("x-amz-checksum-crc32", Of(ChecksumAlgorithm.Crc32, [1])))).Expect(400, "InvalidRequest");
        (await Client.SendAsync("PUT", $"/{bucket}/key?partNumber=1&uploadId={id}", [1],
            ("x-amz-checksum-sha256", Of(ChecksumAlgorithm.Sha256, [2])))).Expect(400, "BadDigest");
        Assert.Empty((await Client.SendAsync("GET", $"/{bucket}/key?uploadId={id}")).Values("PartNumber"));
    }

    [Fact]
    public async Task Parts_can_be_copied_whole_and_by_range()
    {
        var bucket = await vault.NewBucketAsync();
        var source = VaultFixture.Bytes(PartBytes + 1000);
        (await Client.SendAsync("PUT", $"/{bucket}/source", source)).Expect(200);
        (await Client.SendAsync("PUT", $"/{bucket}/small", "small"u8.ToArray())).Expect(200);
        var target = $"/{bucket}/key";
        var id = await CreateAsync(target);
        var one = (await Client.SendAsync("PUT", $"{target}?partNumber=1&uploadId={id}", [],
            ("x-amz-copy-source", $"/{bucket}/source"), ("x-amz-copy-source-range", $"bytes=10-{PartBytes + 9}")))
            .Expect(200);
        var two = (await Client.SendAsync("PUT", $"{target}?partNumber=2&uploadId={id}", [],
            ("x-amz-copy-source", $"/{bucket}/small"))).Expect(200);
        Assert.Equal($"\"{Convert.ToHexStringLower(VaultFixture.Md5("small"u8))}\"", two.Value("ETag"));
        foreach (var range in new[] { "bytes=0-", "0-5", "bytes=5-1", $"bytes=0-{source.Length}" })
            (await Client.SendAsync("PUT", $"{target}?partNumber=3&uploadId={id}", [],
                ("x-amz-copy-source", $"/{bucket}/source"), ("x-amz-copy-source-range", range)))
                .Expect(400, "InvalidArgument");
        (await Client.SendAsync("PUT", $"{target}?partNumber=3&uploadId={id}", [],
            ("x-amz-copy-source", $"/{bucket}/source"), ("x-amz-copy-source-if-match", "\"x\"")))
            .Expect(412, "PreconditionFailed");
        (await Client.SendAsync("PUT", $"{target}?partNumber=3&uploadId={id}", [],
            ("x-amz-copy-source", $"/{bucket}/none"))).Expect(404, "NoSuchKey");
        (await CompleteAsync(target, id, Part(1, one.Value("ETag")) + Part(2, two.Value("ETag")))).Expect(200);
        var got = await Client.SendAsync("GET", target);
        Assert.Equal([.. source[10..(PartBytes + 10)], .. "small"u8], got.Body);
    }

    [Fact]
    public async Task Parts_are_listed_in_pages()
    {
        var bucket = await vault.NewBucketAsync();
        var target = $"/{bucket}/key";
        var id = await CreateAsync(target);
        await UploadAsync(target, id, [5, 1, 9], number => new byte[number]);
        var first = (await Client.SendAsync("GET", $"{target}?uploadId={id}&max-parts=2")).Expect(200);
        Assert.Equal(["1", "5"], first.Values("PartNumber"));
        Assert.Equal(["1", "5"], first.Values("Size"));
        Assert.Equal(("true", "5", "2", "0"),
            (first.Value("IsTruncated"), first.Value("NextPartNumberMarker"), first.Value("MaxParts"),
            first.Value("PartNumberMarker")));
        var second = (await Client.SendAsync("GET", $"{target}?uploadId={id}&part-number-marker=5")).Expect(200);
        Assert.Equal(("9", "false"), (second.Value("PartNumber"), second.Value("IsTruncated")));
        Assert.Equal((id, "STANDARD"), (second.Value("UploadId"), second.Value("StorageClass")));
    }

    [Fact]
    public async Task Open_uploads_are_listed_by_key_and_id_with_prefixes()
    {
        var bucket = await vault.NewBucketAsync();
        var ids = new List<(string Key, string Id)>();
        foreach (var key in new[] { "a", "b/1", "b/2", "c", "c" })
            ids.Add((key, await CreateAsync($"/{bucket}/{key}")));
        var all = (await Client.SendAsync("GET", $"/{bucket}?uploads")).Expect(200);
        Assert.Equal(["a", "b/1", "b/2", "c", "c"], all.Values("Upload", "Key"));
        Assert.Equal(ids.OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .ThenBy(pair => pair.Id, StringComparer.Ordinal).Select(pair => pair.Id), all.Values("Upload", "UploadId"));
        var rolled = await Client.SendAsync("GET", $"/{bucket}?uploads&delimiter=%2F");
        Assert.Equal(["a", "c", "c"], rolled.Values("Upload", "Key"));
        Assert.Equal(["b/"], rolled.Values("CommonPrefixes", "Prefix"));
        Assert.Equal(["b/1", "b/2"], (await Client.SendAsync("GET", $"/{bucket}?uploads&prefix=b"))
            .Values("Upload", "Key"));
        var found = new List<string>();
        for (var (key, id) = ("", ""); ;)
        {
            var page = (await Client.SendAsync("GET",
                $"/{bucket}?uploads&max-uploads=1&key-marker={Uri.EscapeDataString(key)}&upload-id-marker={id}"))
                .Expect(200);
            found.AddRange(page.Values("Upload", "UploadId"));
            if (page.Value("IsTruncated") != "true")
                break;
            (key, id) = (page.Value("NextKeyMarker"), page.Value("NextUploadIdMarker"));
        }

        Assert.Equal(all.Values("Upload", "UploadId"), found);
    }

    [Fact]
    public async Task An_upload_of_another_key_is_no_such_upload()
    {
        var bucket = await vault.NewBucketAsync();
        var id = await CreateAsync($"/{bucket}/key");
        (await Client.SendAsync("PUT", $"/{bucket}/other?partNumber=1&uploadId={id}", [1])).Expect(404, "NoSuchUpload");
        (await Client.SendAsync("DELETE", $"/{bucket}/other?uploadId={id}")).Expect(404, "NoSuchUpload");
        (await Client.SendAsync("POST", "/no-such-bucket-x/key?uploads")).Expect(404, "NoSuchBucket");
    }

    private async Task<string> CreateAsync(string target, params (string, string)[] headers) =>
        (await Client.SendAsync("POST", $"{target}?uploads", [], headers)).Expect(200).Value("UploadId");

    private async Task<string> UploadAsync(string target, string id, int[] numbers, Func<int, byte[]> body)
    {
        var parts = new SortedDictionary<int, string>();
        foreach (var number in numbers)
        {
            var part = (await Client.SendAsync("PUT", $"{target}?partNumber={number}&uploadId={id}", body(number)))
                .Expect(200);
            Assert.Equal($"\"{Convert.ToHexStringLower(VaultFixture.Md5(body(number)))}\"", part.ETag);
            parts[number] = Part(number, part.ETag);
        }

        return string.Concat(parts.Values);
    }

    private Task<WireResponse> CompleteAsync(string target, string id, string parts,
        params (string, string)[] headers) =>
        Client.SendAsync(
            "POST", $"{target}?uploadId={id}", Encoding.UTF8.GetBytes(
            "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
            + $"{parts}</CompleteMultipartUpload>"), headers);

    private static string Part(int number, string etag, string more = "") =>
        $"<Part><PartNumber>{number}</PartNumber>"
        + $"<ETag>{etag.Replace("\"", "&quot;", StringComparison.Ordinal)}</ETag>{more}</Part>";

    private static string Of(ChecksumAlgorithm algorithm, byte[] body)
    {
        using var checksum = new IncrementalChecksum(algorithm);
        checksum.Append(body);
        return checksum.Finish().ToString();
    }

    private static string Composite(ChecksumAlgorithm algorithm, byte[][] parts)
    {
        byte[] values = [.. parts.SelectMany(part => Convert.FromBase64String(Of(algorithm, part)))];
        return $"{Of(algorithm, values)}-{parts.Length}";
    }
}
