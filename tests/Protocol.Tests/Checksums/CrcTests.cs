using System.Buffers.Binary;
using Vault.Protocol.Checksums;

namespace Vault.Protocol.Tests.Checksums;

public sealed class CrcTests
{
    private static readonly ChecksumAlgorithm[] Crcs =
        [ChecksumAlgorithm.Crc32, ChecksumAlgorithm.Crc32C, ChecksumAlgorithm.Crc64Nvme];

    [Fact]
    public void Check_values_are_those_of_the_catalogue()
    {
        Assert.Equal(0xCBF43926ul, Of(ChecksumAlgorithm.Crc32, "123456789"u8));
        Assert.Equal(0xE3069283ul, Of(ChecksumAlgorithm.Crc32C, "123456789"u8));
        Assert.Equal(0xAE8B14860A799888ul, Of(ChecksumAlgorithm.Crc64Nvme, "123456789"u8));
        Assert.Equal(0xE3069283u, Crc32C.Compute("123456789"u8));
        Assert.Equal(0xE3069283u, Crc32C.Compute("1234"u8, "56789"u8));
    }

    [Fact]
    public void Crc32C_answers_as_RFC_3720()
    {
        Assert.Equal(0x8A9136AAu, Crc32C.Compute(new byte[32]));
        Assert.Equal(0x62A8AB43u, Crc32C.Compute(Enumerable.Repeat((byte)0xff, 32).ToArray()));
        Assert.Equal(0x46DD794Eu, Crc32C.Compute(Enumerable.Range(0, 32).Select(i => (byte)i).ToArray()));
    }

    [Fact]
    public void Crc64Nvme_answers_as_the_NVMe_specification()
    {
        Assert.Equal(0x6482D367EB22B64Eul, Of(ChecksumAlgorithm.Crc64Nvme, new byte[4096]));
        Assert.Equal(
            0xC0DDBA7302ECA3ACul, Of(ChecksumAlgorithm.Crc64Nvme, Enumerable.Repeat((byte)0xff, 4096).ToArray()));
    }

    [Fact]
    public void Continuing_and_combining_give_the_checksum_of_the_whole()
    {
        var random = new Random(2);
        for (var round = 0; round < 500; round++)
        {
            var data = new byte[random.Next(0, 5000)];
            random.NextBytes(data);
            var split = random.Next(0, data.Length + 1);
            var (first, second) = (data[..split], data[split..]);
            Assert.Equal(Crc32C.Compute(data), Crc32C.Compute(first, second));
            foreach (var crc in Crcs)
            {
                Assert.Equal(
                    Of(crc, data),
                    CrcCombination.Combine(crc, Of(crc, first), Of(crc, second), second.Length));
            }
        }
    }

    [Fact]
    public void Combining_reaches_lengths_beyond_four_gigabytes()
    {
        const long Long = 5L << 30;
        var byDoubling = Of(ChecksumAlgorithm.Crc64Nvme, new byte[1 << 20]);
        for (long length = 1 << 20; length < 4L << 30; length *= 2)
        {
            byDoubling = Combine(byDoubling, byDoubling, length);
        }

        byDoubling = Combine(byDoubling, ZerosOf(1L << 30), 1L << 30);
        Assert.Equal(byDoubling, ZerosOf(Long));
    }

    private static ulong ZerosOf(long length)
    {
        ulong crc = 0;
        var piece = Of(ChecksumAlgorithm.Crc64Nvme, new byte[64 << 20]);
        for (long at = 0; at < length; at += 64 << 20)
        {
            crc = Combine(crc, piece, 64 << 20);
        }

        return crc;
    }

    private static ulong Combine(ulong first, ulong second, long secondLength) =>
        CrcCombination.Combine(ChecksumAlgorithm.Crc64Nvme, first, second, secondLength);

    private static ulong Of(ChecksumAlgorithm algorithm, ReadOnlySpan<byte> data)
    {
        using var checksum = new IncrementalChecksum(algorithm);
        checksum.Append(data);
        Span<byte> value = stackalloc byte[sizeof(ulong)];
        value.Clear();
        checksum.Finish().CopyTo(value[^algorithm.Length()..]);
        return BinaryPrimitives.ReadUInt64BigEndian(value);
    }
}
