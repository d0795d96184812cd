using Microsoft.AspNetCore.Http;
using Vault.Protocol.Checksums;
using Vault.S3Gateway.Http;

namespace Vault.S3Gateway.Tests.Http;

public sealed class HeaderTests
{
    [Theory]
    [InlineData(null, null)]
    [InlineData("gzip", "gzip")]
    [InlineData("aws-chunked", null)]
    [InlineData("gzip, aws-chunked", "gzip")]
    [InlineData("aws-chunked,gzip", "gzip")]
    [InlineData("AWS-Chunked, gzip, br", "gzip,br")]
    public void Aws_chunked_is_not_part_of_the_stored_encoding(string? sent, string? kept) =>
        Assert.Equal(kept, ObjectHeaderFields.WithoutAwsChunked(sent));

    [Fact]
    public void Metadata_keeps_its_values_and_lower_cases_its_names()
    {
        var headers = Headers(("x-amz-meta-Color", "Red & Blue"), ("X-AMZ-META-size", "12"), ("Content-Type", "a/b"));
        var read = ObjectHeaderFields.Read(headers);
        Assert.Equal("a/b", read.ContentType);
        Assert.Equal([new("color", "Red & Blue"), new("size", "12")], read.UserMetadata.OrderBy(pair => pair.Key));
    }

    [Fact]
    public void Two_kibibytes_of_metadata_are_allowed_and_not_one_byte_more()
    {
        Assert.Single(ObjectHeaderFields.Read(Headers(("x-amz-meta-a", new string('v', 2047)))).UserMetadata);
        var refused = Assert.Throws<S3Exception>(
            () => ObjectHeaderFields.Read(Headers(("x-amz-meta-a", new string('v', 2048)))));
        Assert.Equal("MetadataTooLarge", refused.Error.Code);
    }

    [Fact]
    public void Metadata_comes_back_as_it_was_stored()
    {
        var stored = ObjectHeaderFields.Read(Headers(
            ("x-amz-meta-a", "1"), ("Content-Encoding", "gzip, aws-chunked"), ("Cache-Control", "no-cache"),
            ("Expires", "never")));
        var given = new HeaderDictionary();
        ObjectHeaderFields.Write(given, stored);
        Assert.Equal("1", given["x-amz-meta-a"].ToString());
        Assert.Equal("gzip", given["Content-Encoding"].ToString());
        Assert.Equal("never", given["Expires"].ToString());
        Assert.Equal("binary/octet-stream", given["Content-Type"].ToString());
    }

    [Theory]
    [InlineData("x-amz-acl", "private", null)]
    [InlineData("x-amz-acl", "bucket-owner-full-control", null)]
    [InlineData("x-amz-acl", "public-read", "NotImplemented")]
    [InlineData("x-amz-acl", "nonsense", "InvalidArgument")]
    [InlineData("x-amz-grant-read", "id=x", "NotImplemented")]
    [InlineData("x-amz-storage-class", "STANDARD", null)]
    [InlineData("x-amz-storage-class", "GLACIER", "NotImplemented")]
    [InlineData("x-amz-storage-class", "COLD", "InvalidStorageClass")]
    [InlineData("x-amz-server-side-encryption", "AES256", null)]
    [InlineData("x-amz-server-side-encryption", "aws:kms", "NotImplemented")]
    [InlineData("x-amz-server-side-encryption-customer-algorithm", "AES256", "NotImplemented")]
    [InlineData("x-amz-tagging", "a=b", "NotImplemented")]
    [InlineData("x-amz-tagging", "", null)]
    [InlineData("x-amz-object-lock-mode", "GOVERNANCE", "NotImplemented")]
    [InlineData("x-amz-website-redirect-location", "/x", "NotImplemented")]
    [InlineData("x-amz-write-offset-bytes", "0", "NotImplemented")]
    [InlineData("x-amz-sdk-checksum-algorithm", "CRC32", null)]
    [InlineData("x-amz-unheard-of", "1", null)]
    public void Headers_that_ask_for_more_than_there_is_are_refused(string name, string value, string? code)
    {
        var refused = Record.Exception(() => UnsupportedHeaders.Refuse(Headers((name, value))));
        Assert.Equal(code, (refused as S3Exception)?.Error.Code);
    }

    [Theory]
    [InlineData("*", null, true, null, null)]
    [InlineData(null, "\"e\"", false, "\"e\"", null)]
    [InlineData(null, null, false, null, null)]
    [InlineData("\"e\"", null, false, null, "NotImplemented")]
    [InlineData("*", "\"e\"", false, null, "NotImplemented")]
    public void Conditions_of_writes_are_absence_or_a_match(
        string? ifNoneMatch, string? ifMatch, bool mustBeAbsent, string? match, string? code)
    {
        var headers = new HeaderDictionary();
        if (ifNoneMatch is not null)
            headers["If-None-Match"] = ifNoneMatch;
        if (ifMatch is not null)
            headers["If-Match"] = ifMatch;
        WriteConditions conditions = default;
        var refused = Record.Exception(() => conditions = WriteConditions.Read(headers));
        Assert.Equal(code, (refused as S3Exception)?.Error.Code);
        Assert.Equal((mustBeAbsent, match), (conditions.MustBeAbsent, conditions.IfMatch));
    }

    [Theory]
    [InlineData("x-amz-checksum-crc32", "AAAAAA==", ChecksumAlgorithm.Crc32)]
    [InlineData("x-amz-checksum-crc32c", "AAAAAA==", ChecksumAlgorithm.Crc32C)]
    [InlineData("x-amz-checksum-crc64nvme", "AAAAAAAAAAA=", ChecksumAlgorithm.Crc64Nvme)]
    [InlineData("x-amz-checksum-sha1", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=", ChecksumAlgorithm.Sha1)]
    [InlineData("x-amz-trailer", "x-amz-checksum-crc32", ChecksumAlgorithm.Crc32)]
    [InlineData("x-amz-checksum-mode", "ENABLED", ChecksumAlgorithm.None)]
    public void Checksum_headers_name_their_algorithm(string name, string value, ChecksumAlgorithm algorithm)
    {
        var read = ChecksumRequest.Read(Headers((name, value)));
        Assert.Equal(algorithm, read.Algorithm);
        Assert.Equal(name == "x-amz-trailer", read.Trails);
    }

    [Theory]
    [InlineData("x-amz-checksum-crc32", "AAAA", null, null)]
    [InlineData("x-amz-checksum-crc32", "not base64!", null, null)]
    [InlineData("x-amz-checksum-crc32", "AAAAAAAAAAA=", null, null)]
    [InlineData("x-amz-checksum-crc32", "AAAAAA==", "x-amz-checksum-crc32c", "AAAAAA==")]
    [InlineData("x-amz-checksum-crc32", "AAAAAA==", "x-amz-trailer", "x-amz-checksum-crc32")]
    [InlineData("x-amz-checksum-crc99", "AAAAAA==", null, null)]
    [InlineData("x-amz-trailer", "x-amz-meta-a", null, null)]
    [InlineData("x-amz-sdk-checksum-algorithm", "CRC32", null, null)]
    [InlineData("x-amz-sdk-checksum-algorithm", "CRC32", "x-amz-checksum-sha1", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("x-amz-sdk-checksum-algorithm", "CRC99", "x-amz-checksum-crc32", "AAAAAA==")]
    public void Wrong_checksum_headers_are_an_invalid_request(string name, string value, string? name2, string? value2)
    {
        var headers = Headers((name, value));
        if (name2 is not null)
            headers[name2] = value2;
        var refused = Assert.Throws<S3Exception>(() => ChecksumRequest.Read(headers));
        Assert.Equal("InvalidRequest", refused.Error.Code);
    }

    private static HeaderDictionary Headers(params (string Name, string Value)[] fields)
    {
        var headers = new HeaderDictionary();
        foreach (var (name, value) in fields)
            headers[name] = value;
        return headers;
    }
}
