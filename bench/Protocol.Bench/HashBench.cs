using System.IO.Hashing;
using System.Security.Cryptography;
using Vault.Protocol.Checksums;

namespace Vault.Protocol.Bench;

/// <summary>How fast does one core hash what streams by?</summary>
internal static class HashBench
{
    public static void Run(Report report)
    {
        var large = RandomNumberGenerator.GetBytes(256 << 10);
        var small = RandomNumberGenerator.GetBytes(4096);
        var header = RandomNumberGenerator.GetBytes(108);
        var hash = new byte[64];
        report.Throughput("MD5 256 KiB", large.Length, () => MD5.HashData(large, hash));
        report.Throughput("MD5 4 KiB", small.Length, () => MD5.HashData(small, hash));
        report.Throughput("SHA-1 256 KiB", large.Length, () => SHA1.HashData(large, hash));
        report.Throughput("SHA-256 256 KiB", large.Length, () => SHA256.HashData(large, hash));
        report.Throughput("SHA-256 4 KiB", small.Length, () => SHA256.HashData(small, hash));
        report.Latency("SHA-256 32 B", () => SHA256.HashData(small.AsSpan(0, 32), hash));
        ulong crc = 0;
        foreach (var size in new[] { 64, 112, 4 << 10, 64 << 10, 1 << 20 })
        {
            var data = RandomNumberGenerator.GetBytes(size);
            report.Throughput($"CRC-32 {size} B", size, () => crc ^= Crc32.HashToUInt32(data));
            report.Throughput($"CRC-32C {size} B", size, () => crc ^= Crc32C.Compute(data));
            report.Throughput(
                $"CRC-64/NVME {size} B", size, () => crc ^= Crc64.HashToUInt64(Crc64ParameterSet.Nvme, data));
        }

        report.Latency("CRC-32C of place and header", () => crc ^= Crc32C.Compute(small.AsSpan(0, 24), header));
        report.Latency(
            "CRC-64/NVME combine",
            () => crc ^= CrcCombination.Combine(ChecksumAlgorithm.Crc64Nvme, crc, 1, 5 << 20));
        using var incremental = new IncrementalChecksum(ChecksumAlgorithm.Crc64Nvme);
        report.Throughput("IncrementalChecksum CRC64NVME 256 KiB", large.Length, () => incremental.Append(large));
    }
}
