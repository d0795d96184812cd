using System.Security.Cryptography;
using Vault.Protocol.Checksums;
using Vault.Protocol.Encryption;
using Vault.Protocol.Ids;
using Vault.Protocol.Keys;

namespace Vault.Protocol.Bench;

/// <summary>What do the boxes of a version cost at each PUT, GET and listed key?</summary>
internal static class HeadBench
{
    public static void Run(Report report)
    {
        using var bucketKey = BucketKey.Generate(BucketId.New(DateTimeOffset.UnixEpoch), 1);
        using var sealer = new HeadSealer(bucketKey);
        var version = VersionId.New(DateTimeOffset.UnixEpoch);
        var name = "photos/2026/01/cat-0001.jpg"u8.ToArray();
        ObjectKey.TryParse(name, out var key);
        using var head = new ObjectHead
        {
            Root = SecretKey.Generate(),
            ETag = ETag.Compute(name),
            Checksum = Checksum.FullObject(ChecksumAlgorithm.Crc32, [1, 2, 3, 4]),
            Headers = new ObjectHeaders { ContentType = "image/jpeg", UserMetadata = [new("mtime", "1767225600.5")] },
        };
        var list = new ListHead
        {
            ETag = head.ETag,
            ChecksumAlgorithm = ChecksumAlgorithm.Crc32,
            ChecksumType = ChecksumType.FullObject,
        };
        var headBox = sealer.SealHead(version, key!, head);
        var listBox = sealer.SealList(version, key!, list);
        report.Latency("head seal", () => sealer.SealHead(version, key!, head));
        report.Latency("head open", () =>
        {
            sealer.TryOpenHead(headBox, version, key!, out var opened);
            opened!.Dispose();
        });
        report.Latency("list seal", () => sealer.SealList(version, key!, list));
        report.Latency("list open, key as bytes", () => sealer.TryOpenList(listBox, version, name, out _));
        report.Latency("object key parse and hash", () =>
        {
            ObjectKey.TryParse(name, out var parsed);
            parsed!.Partition(16);
        });
        report.Latency("new version id", () => VersionId.New(DateTimeOffset.UnixEpoch));
        report.Latency("root made and disposed", () => SecretKey.Generate().Dispose());
        report.Latency("sealer made and disposed", () => new HeadSealer(bucketKey).Dispose());
        var small = RandomNumberGenerator.GetBytes(200);
        using var aes = new AesGcm(bucketKey.Key.Bytes, 16);
        var (nonce, tag, text) = (new byte[12], new byte[16], new byte[200]);
        report.Latency("bare AES-GCM 200 B", () => aes.Encrypt(nonce, small, text, tag, small.AsSpan(0, 78)));
    }
}
