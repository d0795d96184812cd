using System.Buffers.Binary;
using System.Net;
using Vault.Testing;

namespace Vault.Cluster.Tests;

/// <summary>Bodies that are larger than the memory that a server may take, and larger still in a long run.</summary>
public sealed class MemoryTests(ITestOutputHelper output)
{
    private const long Limit = 400L << 20;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_large_object_goes_in_and_out_within_400_MiB()
    {
        var size = (Topologies.IsLong ? 5L : 1L) << 30;
        await using var vault = await VaultProcess.StartAsync();
        using var client = new S3TestClient(vault);
        await client.CreateBucketAsync("large", Token);
        using (var put = await client.SendAsync(
            "PUT", "/large/one", new PatternContent(size, 1), "UNSIGNED-PAYLOAD", null, Token))
        {
            Assert.Equal(HttpStatusCode.OK, put.StatusCode);
        }

        using (var get = await client.SendAsync("GET", "/large/one", cancellationToken: Token))
        {
            Assert.Equal(size, get.Content.Headers.ContentLength);
            await PatternContent.AssertAsync(await get.Content.ReadAsStreamAsync(Token), size, 1, Token);
        }

        output.WriteLine($"peak resident memory {vault.PeakResidentBytes() >> 20} MiB");
        Assert.InRange(vault.PeakResidentBytes(), 1, Limit);
    }

    [Fact]
    public async Task Sixty_four_parallel_uploads_stay_within_400_MiB()
    {
        var size = (Topologies.IsLong ? 64L : 16L) << 20;
        await using var vault = await VaultProcess.StartAsync();
        using var client = new S3TestClient(vault);
        await client.CreateBucketAsync("many", Token);
        await Task.WhenAll(Enumerable.Range(0, 64).Select(async i =>
        {
            using var put = await client.SendAsync(
                "PUT", $"/many/{i}", new PatternContent(size, i), "UNSIGNED-PAYLOAD", null, Token);
            Assert.Equal(HttpStatusCode.OK, put.StatusCode);
        }));
        using (var get = await client.SendAsync("GET", "/many/63", cancellationToken: Token))
        {
            await PatternContent.AssertAsync(await get.Content.ReadAsStreamAsync(Token), size, 63, Token);
        }

        output.WriteLine($"peak resident memory {vault.PeakResidentBytes() >> 20} MiB");
        Assert.InRange(vault.PeakResidentBytes(), 1, Limit);
    }

    /// <summary>
    /// A body in which every 8 bytes tell their offset and seed, so that nothing can be lost, doubled or swapped
    /// unseen.
    /// </summary>
    private sealed class PatternContent(long size, int seed) : HttpContent
    {
        private const int Block = 1 << 20;

        public static async Task AssertAsync(Stream body, long size, int seed, CancellationToken cancellationToken)
        {
            var (expected, actual) = (new byte[Block], new byte[Block]);
            for (long at = 0; at < size; at += Block)
            {
                await body.ReadExactlyAsync(actual, cancellationToken);
                Fill(expected, at, seed);
                Assert.True(expected.AsSpan().SequenceEqual(actual), $"wrong bytes in the MiB at {at}");
            }

            Assert.Equal(0, await body.ReadAsync(actual, cancellationToken));
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var block = new byte[Block];
            for (long at = 0; at < size; at += Block)
            {
                Fill(block, at, seed);
                await stream.WriteAsync(block);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = size;
            return true;
        }

        private static void Fill(byte[] block, long at, int seed)
        {
            for (var i = 0; i < block.Length; i += 8)
                BinaryPrimitives.WriteInt64LittleEndian(block.AsSpan(i), (at + i) ^ ((long)seed << 48));
        }
    }
}
