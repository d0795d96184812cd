namespace Vault.Protocol.Checksums;

/// <summary>CRC-32 (IEEE 802.3, zlib).</summary>
public static class Crc32
{
    internal static readonly ReflectedCrc Engine = new(0xEDB88320, 32);

    /// <summary>The checksum of <paramref name="data"/>.</summary>
    public static uint Compute(ReadOnlySpan<byte> data) => Append(0, data);

    /// <summary>The checksum of what <paramref name="crc"/> covers followed by <paramref name="data"/>.</summary>
    /// <param name="crc">A finished checksum; 0 for nothing yet.</param>
    /// <param name="data">What follows.</param>
    public static uint Append(uint crc, ReadOnlySpan<byte> data) => (uint)Engine.Append(crc, data);

    /// <summary>The checksum of A ‖ B, from those of A and of B.</summary>
    public static uint Combine(uint first, uint second, long secondLength) =>
        (uint)Engine.Combine(first, second, secondLength);
}
