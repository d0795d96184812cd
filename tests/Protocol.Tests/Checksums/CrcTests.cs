using Vault.Protocol.Checksums;

namespace Vault.Protocol.Tests.Checksums;

public sealed class CrcTests
{
    private static readonly (ReflectedCrc Engine, ulong Polynomial, int Width)[] Engines =
    [
        (Crc32.Engine, 0xEDB88320, 32), (Crc32C.Engine, 0x82F63B78, 32), (Crc64Nvme.Engine, 0x9A6C9329AC4BC9B5, 64),
    ];

    [Fact]
    public void Check_values_are_those_of_the_catalogue()
    {
        Assert.Equal(0xCBF43926u, Crc32.Compute("123456789"u8));
        Assert.Equal(0xE3069283u, Crc32C.Compute("123456789"u8));
        Assert.Equal(0xAE8B14860A799888ul, Crc64Nvme.Compute("123456789"u8));
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
        Assert.Equal(0x6482D367EB22B64Eul, Crc64Nvme.Compute(new byte[4096]));
        Assert.Equal(0xC0DDBA7302ECA3ACul, Crc64Nvme.Compute(Enumerable.Repeat((byte)0xff, 4096).ToArray()));
    }

    [Fact]
    public void Every_path_gives_the_bitwise_answer_at_every_length_and_alignment()
    {
        var data = new byte[1400];
        new Random(1).NextBytes(data);
        foreach (var (engine, polynomial, width) in Engines)
        {
            var expected = Prefixes(data.AsSpan(3), polynomial, width);
            foreach (var vectorBytes in Paths())
            {
                for (var length = 0; length <= data.Length - 3; length++)
                {
                    Assert.Equal(expected[length], engine.Append(0, data.AsSpan(3, length), vectorBytes));
                }
            }
        }
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
            Assert.Equal(Crc32.Compute(data), Crc32.Append(Crc32.Compute(first), second));
            Assert.Equal(
                Crc32.Compute(data), Crc32.Combine(Crc32.Compute(first), Crc32.Compute(second), second.Length));
            Assert.Equal(
                Crc32C.Compute(data), Crc32C.Combine(Crc32C.Compute(first), Crc32C.Compute(second), second.Length));
            Assert.Equal(
                Crc64Nvme.Compute(data),
                Crc64Nvme.Combine(Crc64Nvme.Compute(first), Crc64Nvme.Compute(second), second.Length));
        }
    }

    [Fact]
    public void Combining_reaches_lengths_beyond_four_gigabytes()
    {
        const long Long = 5L << 30;
        ulong byDoubling = Crc64Nvme.Compute(new byte[1 << 20]);
        for (long length = 1 << 20; length < 4L << 30; length *= 2)
        {
            byDoubling = Crc64Nvme.Combine(byDoubling, byDoubling, length);
        }

        byDoubling = Crc64Nvme.Combine(byDoubling, ZerosOf(1L << 30), 1L << 30);
        Assert.Equal(byDoubling, ZerosOf(Long));
    }

    private static ulong ZerosOf(long length)
    {
        ulong crc = 0;
        var piece = Crc64Nvme.Compute(new byte[64 << 20]);
        for (long at = 0; at < length; at += 64 << 20)
        {
            crc = Crc64Nvme.Combine(crc, piece, 64 << 20);
        }

        return crc;
    }

    private static IEnumerable<int> Paths() => new[] { 0, 16, 32, 64 }.Where(width => width <= CrcFolding.BestWidth);

    /// <summary>Bit by bit, from the definition.</summary>
    private static ulong[] Prefixes(ReadOnlySpan<byte> data, ulong polynomial, int width)
    {
        var mask = ulong.MaxValue >> (64 - width);
        var values = new ulong[data.Length + 1];
        var state = mask;
        for (var i = 0; i < data.Length; i++)
        {
            state ^= data[i];
            for (var bit = 0; bit < 8; bit++)
            {
                state = (state & 1) != 0 ? (state >> 1) ^ polynomial : state >> 1;
            }

            values[i + 1] = ~state & mask;
        }

        return values;
    }
}
