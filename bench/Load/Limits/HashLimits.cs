using System.Diagnostics;
using System.IO.Hashing;
using System.Security.Cryptography;

namespace Vault.Load.Limits;

/// <summary>Processor seconds per byte of what every stored byte goes through, each alone on one thread.</summary>
internal sealed record HashLimits
{
    private const int BlockBytes = 1 << 20;
    private const int Blocks = 16;

    public required double Md5 { get; init; }

    public required double Sha256 { get; init; }

    public required double AesGcm { get; init; }

    public required double Crc32 { get; init; }

    public required double Crc64Nvme { get; init; }

    public static HashLimits Measure(double seconds)
    {
        var data = new byte[BlockBytes * Blocks];
        new Random(1).NextBytes(data);
        var digest = new byte[64];
        using var aes = new AesGcm(new byte[32], 16);
        var tag = new byte[16];
        var nonce = new byte[12];
        return new HashLimits
        {
#pragma warning disable CA5351 // S3's ETag is MD5
            Md5 = PerByte(seconds, block => MD5.HashData(block.Span, digest)),
#pragma warning restore CA5351
            Sha256 = PerByte(seconds, block => SHA256.HashData(block.Span, digest)),
            AesGcm = PerByte(seconds, block => aes.Encrypt(nonce, block.Span, block.Span, tag)),
            Crc32 = PerByte(seconds, block => System.IO.Hashing.Crc32.HashToUInt32(block.Span)),
            Crc64Nvme = PerByte(seconds, block => Crc64.HashToUInt64(Crc64ParameterSet.Nvme, block.Span)),
        };

        double PerByte(double time, Action<Memory<byte>> work)
        {
            long bytes = 0;
            work(data.AsMemory(0, BlockBytes));
            var before = Environment.CpuUsage.TotalTime;
            for (var began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began).TotalSeconds < time;)
            {
                for (var block = 0; block < Blocks; block++)
                    work(data.AsMemory(block * BlockBytes, BlockBytes));
                bytes += data.Length;
            }

            return (Environment.CpuUsage.TotalTime - before).TotalSeconds / bytes;
        }
    }
}
