using System.Security.Cryptography;
using Vault.Protocol.Encryption;

namespace Vault.Protocol.Bench;

/// <summary>What does a chunk cost, large and inline?</summary>
internal static class CipherBench
{
    public static void Run(Report report)
    {
        var root = RandomNumberGenerator.GetBytes(32);
        var attempt = BodyAttempt.New(DateTimeOffset.UnixEpoch);
        using var cipher = new ChunkCipher(root, attempt);
        foreach (var size in new[] { 4096, 256 << 10, 1 << 20 })
        {
            var payload = new byte[size + ChunkCipher.Overhead];
            var opened = new byte[size];
            report.Throughput($"chunk encrypt {size >> 10} KiB", size, () => cipher.EncryptInPlace(payload, 1, true));
            report.Throughput($"chunk decrypt {size >> 10} KiB", size, () =>
            {
                if (!cipher.TryDecrypt(payload, 1, true, opened))
                {
                    throw new InvalidOperationException();
                }
            });
        }

        var inline = new byte[4096 + ChunkCipher.Overhead];
        report.Latency(
            "body attempt and cipher, made and disposed",
            () => new ChunkCipher(root, BodyAttempt.New(DateTimeOffset.UnixEpoch)).Dispose());
        report.Latency("inline body 4 KiB: cipher and encrypt", () =>
        {
            using var once = new ChunkCipher(root, attempt);
            once.EncryptInPlace(inline, 0, true);
        });
        report.Latency("AES-GCM key schedule", () => new AesGcm(root, 16).Dispose());
        var key = new byte[32];
        report.Latency(
            "HKDF-SHA256 32 B",
            () => HKDF.DeriveKey(HashAlgorithmName.SHA256, root, key, key.AsSpan(0, 16), root.AsSpan(0, 21)));
        report.Latency("random 12 B", () => RandomNumberGenerator.Fill(key.AsSpan(0, 12)));
        report.Latency("random 32 B", () => RandomNumberGenerator.Fill(key));
        report.Latency("random 512 B", () => RandomNumberGenerator.Fill(inline.AsSpan(0, 512)));
    }
}
