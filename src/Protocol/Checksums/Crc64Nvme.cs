namespace Vault.Protocol.Checksums;

/// <summary>CRC-64/NVME, the default checksum of S3.</summary>
public static class Crc64Nvme
{
    internal static readonly ReflectedCrc Engine = new(0x9A6C9329AC4BC9B5, 64);

    /// <summary>The checksum of <paramref name="data"/>.</summary>
    public static ulong Compute(ReadOnlySpan<byte> data) => Append(0, data);

    /// <summary>The checksum of what <paramref name="crc"/> covers followed by <paramref name="data"/>.</summary>
    /// <param name="crc">A finished checksum; 0 for nothing yet.</param>
    /// <param name="data">What follows.</param>
    public static ulong Append(ulong crc, ReadOnlySpan<byte> data) => Engine.Append(crc, data);

    /// <summary>The checksum of A ‖ B, from those of A and of B.</summary>
    public static ulong Combine(ulong first, ulong second, long secondLength) =>
        Engine.Combine(first, second, secondLength);
}
