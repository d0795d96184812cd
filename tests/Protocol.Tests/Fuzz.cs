using System.Diagnostics;

namespace Vault.Protocol.Tests;

/// <summary>Feeds a parser altered and random bytes: a fixed seed, a bound on time, longer when asked.</summary>
internal static class Fuzz
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(
        Environment.GetEnvironmentVariable("VAULT_TEST_LONG") == "1" ? 60 : 1);

    /// <summary>
    /// Calls <paramref name="parse"/> with mutations of each sample; it must neither throw nor allocate much.
    /// </summary>
    public static void Mutations(IReadOnlyList<byte[]> samples, Action<byte[]> parse)
    {
        var random = new Random(20260101);
        var clock = Stopwatch.StartNew();
        for (var round = 0; round < 20_000 || Bound.TotalSeconds > 1; round++)
        {
            if (clock.Elapsed > Bound)
            {
                break;
            }

            var input = Mutate(samples[random.Next(samples.Count)], random);
            var before = GC.GetAllocatedBytesForCurrentThread();
            parse(input);
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated < 64 * input.Length + (64 << 10), $"{allocated} bytes for {input.Length}");
        }
    }

    private static byte[] Mutate(byte[] sample, Random random)
    {
        var bytes = sample.ToList();
        for (var edits = random.Next(1, 6); edits > 0; edits--)
        {
            var at = random.Next(bytes.Count + 1);
            switch (random.Next(5))
            {
                case 0 when at < bytes.Count:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1 when at < bytes.Count:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes.Insert(at, (byte)random.Next(256));
                    break;
                case 3 when at < bytes.Count:
                    bytes.RemoveRange(at, random.Next(bytes.Count - at) + 1);
                    break;
                default:
                    bytes.InsertRange(at, [0xbb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
                    break;
            }
        }

        return [.. bytes];
    }
}
