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
        var header = RandomNumberGenerator.GetBytes(112);
        var hash = new byte[64];
        report.Throughput("MD5 256 KiB", large.Length, () => MD5.HashData(large, hash));
        report.Throughput("MD5 4 KiB", small.Length, () => MD5.HashData(small, hash));
        report.Throughput("SHA-1 256 KiB", large.Length, () => SHA1.HashData(large, hash));
        report.Throughput("SHA-256 256 KiB", large.Length, () => SHA256.HashData(large, hash));
        report.Throughput("SHA-256 4 KiB", small.Length, () => SHA256.HashData(small, hash));
        report.Latency("SHA-256 32 B", () => SHA256.HashData(small.AsSpan(0, 32), hash));
        ulong crc = 0;
        report.Throughput("CRC-32 256 KiB", large.Length, () => crc ^= Crc32.Compute(large));
        report.Throughput("CRC-32 4 KiB", small.Length, () => crc ^= Crc32.Compute(small));
        report.Throughput("CRC-32C 256 KiB", large.Length, () => crc ^= Crc32C.Compute(large));
        report.Throughput("CRC-32C 4 KiB", small.Length, () => crc ^= Crc32C.Compute(small));
        report.Latency("CRC-32C 112 B", () => crc ^= Crc32C.Compute(header));
        report.Throughput("CRC-64/NVME 256 KiB", large.Length, () => crc ^= Crc64Nvme.Compute(large));
        foreach (var width in new[] { 0, 16, 32, 64 })
        {
            report.Throughput(
                $"CRC-64/NVME 256 KiB, vectors of {width}", large.Length,
                () => crc ^= Crc64Nvme.Engine.Append(0, large, width));
        }

        report.Latency("CRC-64/NVME combine", () => crc ^= Crc64Nvme.Combine(crc, 1, 5 << 20));
        using var incremental = new IncrementalChecksum(ChecksumAlgorithm.Crc64Nvme);
        report.Throughput("IncrementalChecksum CRC64NVME 256 KiB", large.Length, () => incremental.Append(large));
    }
}
