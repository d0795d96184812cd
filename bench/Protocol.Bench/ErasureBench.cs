using System.Security.Cryptography;
using Vault.Protocol.Erasure;

namespace Vault.Protocol.Bench;

/// <summary>How much data per second does one core encode and bring back, on each path?</summary>
internal static class ErasureBench
{
    public static void Run(Report report)
    {
        foreach (var (k, m, shardBytes) in new[]
        {
            (4, 2, 16 << 10), (4, 2, 256 << 10), (10, 4, 16 << 10), (16, 6, 64 << 10),
        })
        {
            foreach (var path in Enum.GetValues<GaloisPath>().Where(path => path <= GaloisKernel.Best))
            {
                var codec = new ErasureCodec(k, m, path);
                var shards = RandomNumberGenerator.GetBytes((k + m) * shardBytes);
                report.Throughput(
                    $"erasure encode {k}+{m} {shardBytes >> 10} KiB {path}", k * shardBytes,
                    () => codec.Encode(shards, shardBytes));
                var present = Enumerable.Range(0, k + m).Select(shard => shard >= m).ToArray();
                report.Throughput(
                    $"erasure decode {k}+{m} {shardBytes >> 10} KiB {path}", k * shardBytes,
                    () => codec.TryReconstruct(shards, shardBytes, present));
            }
        }
    }
}
