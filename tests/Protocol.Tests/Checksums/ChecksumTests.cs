using System.Security.Cryptography;
using Vault.Protocol.Checksums;

namespace Vault.Protocol.Tests.Checksums;

public sealed class ChecksumTests
{
    private static readonly byte[] Body = RandomNumberGenerator.GetBytes(100_000);

    [Theory]
    [InlineData(ChecksumAlgorithm.Crc32, "y/Q5Jg==")]
    [InlineData(ChecksumAlgorithm.Crc32C, "4waSgw==")]
    [InlineData(ChecksumAlgorithm.Crc64Nvme, "rosUhgp5mIg=")]
    [InlineData(ChecksumAlgorithm.Sha1, "98O8HYCOBHMq32eZZczDTKeuNEE=")]
    [InlineData(ChecksumAlgorithm.Sha256, "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=")]
    [InlineData(
        ChecksumAlgorithm.Sha512,
        "2eZ2LdHI6vbWGzxhkvxAjU1tXxF20MKRabwk5xw/J0rSf81YEbMT1oH35V7ALXPUmclUVba1u1A6z1dPuo/+hQ==")]
    [InlineData(ChecksumAlgorithm.Md5, "JfnnlDI7RTiF9RgfG2JNCw==")]
    public void Incremental_checksum_is_what_S3_shows_whatever_the_pieces(ChecksumAlgorithm algorithm, string expected)
    {
        using var checksum = new IncrementalChecksum(algorithm);
        checksum.Append("12345"u8);
        checksum.Append([]);
        checksum.Append("6789"u8);
        Assert.Equal(expected, checksum.Finish().ToString());
        checksum.Append("123456789"u8);
        var again = checksum.Finish();
        Assert.Equal(expected, again.ToString());
        Assert.True(Checksum.TryParse(algorithm, expected, out var parsed));
        Assert.Equal(again, parsed);
    }

    [Theory]
    [InlineData(ChecksumAlgorithm.Crc32)]
    [InlineData(ChecksumAlgorithm.Crc32C)]
    [InlineData(ChecksumAlgorithm.Crc64Nvme)]
    public void Combined_parts_have_the_checksum_of_the_whole_object(ChecksumAlgorithm algorithm)
    {
        var parts = Body.Chunk(30_000).Select(part => (Of(algorithm, part), (long)part.Length)).ToArray();
        Assert.Equal(Of(algorithm, Body), Checksum.Combine(algorithm, parts));
    }

    [Fact]
    public void Composite_is_the_checksum_of_the_parts_checksums_and_names_their_number()
    {
        var parts = Body.Chunk(30_000).ToArray();
        var composite = Checksum.Composite(
            ChecksumAlgorithm.Sha256, [.. parts.Select(part => Of(ChecksumAlgorithm.Sha256, part))]);
        var expected = Convert.ToBase64String(SHA256.HashData(parts.SelectMany(SHA256.HashData).ToArray())) + "-4";
        Assert.Equal(expected, composite.ToString());
        Assert.Equal(ChecksumType.Composite, composite.Type);
    }

    [Fact]
    public void Part_of_another_algorithm_is_refused()
    {
        var part = Of(ChecksumAlgorithm.Crc32, Body);
        Assert.Throws<ArgumentException>(() => Checksum.Composite(ChecksumAlgorithm.Crc32C, [part]));
        Assert.Throws<ArgumentException>(() => Checksum.Combine(ChecksumAlgorithm.Crc32C, [(part, 1)]));
        Assert.Throws<ArgumentException>(() => Checksum.Composite(ChecksumAlgorithm.Crc32, []));
    }

    [Theory]
    [InlineData(ChecksumAlgorithm.Crc32, "")]
    [InlineData(ChecksumAlgorithm.Crc32, "y/Q5Jg")]
    [InlineData(ChecksumAlgorithm.Crc32, "y/Q5Jgo=")]
    [InlineData(ChecksumAlgorithm.Crc32, "y/Q5J===")]
    [InlineData(ChecksumAlgorithm.Crc64Nvme, "y/Q5Jg==")]
    [InlineData(ChecksumAlgorithm.None, "")]
    public void Malformed_base64_is_refused(ChecksumAlgorithm algorithm, string text) =>
        Assert.False(Checksum.TryParse(algorithm, text, out _));

    [Fact]
    public void Names_read_back_and_types_are_limited_as_in_S3()
    {
        foreach (var algorithm in ChecksumAlgorithms.All)
        {
            Assert.True(ChecksumAlgorithms.TryParse(algorithm.WireName(), out ChecksumAlgorithm read));
            Assert.Equal(algorithm, read);
            Assert.True(algorithm.Allows(algorithm.DefaultMultipartType()));
            Assert.Equal("x-amz-checksum-" + algorithm.WireName(), algorithm.HeaderName(), ignoreCase: true);
        }

        Assert.False(ChecksumAlgorithms.TryParse("CRC-32", out ChecksumAlgorithm _));
        Assert.False(ChecksumAlgorithm.Crc64Nvme.Allows(ChecksumType.Composite));
        Assert.False(ChecksumAlgorithm.Sha256.Allows(ChecksumType.FullObject));
    }

    [Fact]
    public void Entity_tag_of_parts_is_the_MD5_of_their_MD5s()
    {
        var parts = Body.Chunk(30_000).ToArray();
        var expected = Convert.ToHexStringLower(MD5.HashData(parts.SelectMany(MD5.HashData).ToArray())) + "-4";
        var etag = ETag.Composite([.. parts.Select(part => ETag.Compute(part))]);
        Assert.Equal(expected, etag.ToString());
        Assert.True(ETag.TryParse(expected, out var parsed));
        Assert.Equal(etag, parsed);
    }

    [Theory]
    [InlineData("")]
    [InlineData("d41d8cd98f00b204e9800998ecf8427")]
    [InlineData("D41D8CD98F00B204E9800998ECF8427E")]
    [InlineData("d41d8cd98f00b204e9800998ecf8427e-")]
    [InlineData("d41d8cd98f00b204e9800998ecf8427e-0")]
    [InlineData("d41d8cd98f00b204e9800998ecf8427e-01")]
    [InlineData("d41d8cd98f00b204e9800998ecf8427e-10001")]
    [InlineData("d41d8cd98f00b204e9800998ecf8427e--1")]
    public void Malformed_entity_tag_is_refused(string text) => Assert.False(ETag.TryParse(text, out _));

    private static Checksum Of(ChecksumAlgorithm algorithm, byte[] data)
    {
        using var checksum = new IncrementalChecksum(algorithm);
        checksum.Append(data);
        return checksum.Finish();
    }
}
