using System.Security.Cryptography;
using Vault.Protocol.Checksums;
using Vault.Protocol.Encryption;
using Vault.Protocol.Ids;
using Vault.Protocol.Keys;
using Vault.Protocol.Manifests;

namespace Vault.Protocol.Tests;

/// <summary>What is stored stays as it was, byte for byte: SHA-256 of each encoding.</summary>
public sealed class StoredFormatTests
{
    private static readonly byte[] Bytes = [.. Enumerable.Range(1, 255).Select(i => (byte)i)];

    private static readonly ObjectHeaders Headers = new()
    {
        ContentType = "text/plain; charset=ü",
        CacheControl = "",
        Expires = new string('e', 300),
        WebsiteRedirectLocation = "/€",
        UserMetadata = [new("name", "value"), new("näme", new string('v', 7000))],
    };

    [Fact]
    public void Heads_are_encoded_as_they_were()
    {
        using var least = new ObjectHead { Root = SecretKey.FromBytes(Bytes.AsSpan(0, 32)), ETag = Tag(0) };
        Same(
            "0ddf33742af2067b8ccc81eaf474255160e6ba0447ffb738e4389a041db285eb",
            least.Encode());
        using var full = new ObjectHead
        {
            Root = SecretKey.FromBytes(Bytes.AsSpan(0, 32)),
            ETag = Tag(10_000),
            Checksum = Checksum.FullObject(ChecksumAlgorithm.Sha512, Bytes.AsSpan(0, 64)),
            PartListDigest = Bytes.AsMemory(0, 32),
            PartChecksums = new byte[ObjectHead.MaxPartChecksumBytes],
            Headers = Headers,
        };
        Same(
            "3630afa98aa1908d9a39a93dca84130454db618d47955ff61925f529a505569c",
            full.Encode());
        using var upload = new UploadHead
        {
            Root = SecretKey.FromBytes(Bytes.AsSpan(0, 32)),
            ChecksumAlgorithm = ChecksumAlgorithm.Crc64Nvme,
            ChecksumType = ChecksumType.FullObject,
            Headers = Headers,
        };
        Same(
            "4e2160826397bfc531effbcd2c5323c3d90356a34b64f12373b3ed8f14c77174",
            Sealed(upload));
        Same("79a6d35faec44147f9b340e83dbc89e59408451c42adb05bdcc3b47f07338848", Sealed(new PartHead
        {
            ETag = Tag(24),
            Checksum = Checksum.FullObject(ChecksumAlgorithm.Crc32, Bytes.AsSpan(0, 4)),
        }));
        Same("1dc8cfe5c619fb9e536fa870ba4c306238c3f82239c3af621b3881f95295a59d", Sealed(new ListHead
        {
            ETag = Tag(256),
            ChecksumAlgorithm = ChecksumAlgorithm.Sha256,
            ChecksumType = ChecksumType.Composite,
        }));
    }

    [Fact]
    public void Manifests_are_encoded_as_they_were()
    {
        var attempt = new BodyAttempt(ObjectId.FromBytes(Bytes.AsSpan(0, 16)), new UInt128(1, 2), 3);
        Same(
            "0223fd08aaedc88e58fee226876521d3e7cf7bf3cb8e812349d0c460b58915a6",
            new BodyManifest(attempt, 1, 0, 1 << 20, 0, []).Encode());
        var shards = new ShardLocation[500 * 6];
        for (var i = 0; i < shards.Length; i++)
        {
            var volume = 1u << (i % 32);
            shards[i] = new ShardLocation(Cid.Compute(BitConverter.GetBytes(i)), volume, 1ul << (i % 64));
        }

        Same(
            "ecab0e8f6f3765824f226ed2d243ae5fb8275cdbbc16f5c272d8dc81aa948747",
            new BodyManifest(attempt, 4, 2, 1 << 20, 500L << 20, shards).Encode());
        var parts = new CompositePart[10_000];
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i] = new CompositePart(i + 1, 1L << (i % 49), ObjectId.FromBytes(Bytes.AsSpan(i % 200, 16)));
        }

        Same(
            "ad3429f9ab7e442dcc9a002ffd14af710697b02edbac3dc31dd7dce10a00c3f5",
            new CompositeManifest(parts).Encode());
    }

    private static ETag Tag(int parts) => ETag.FromMd5(Bytes.AsSpan(0, 16), parts);

    private static byte[] Sealed<T>(T head)
        where T : class, IHeadRecord
    {
        using var key = new BucketKey(new BucketId(0x01), 9, SecretKey.FromBytes(Bytes.AsSpan(0, 32)));
        using var cipher = new BoxCipher(key);
        var place = new BoxPlace("VAULT-LIST"u8, new UInt128(0, 2), Bytes.AsSpan(0, 32));
        return cipher.Seal(place, head, Bytes.AsSpan(0, 12));
    }

    private static void Same(string expected, byte[] encoding) =>
        Assert.Equal(expected, Convert.ToHexStringLower(SHA256.HashData(encoding)));
}
