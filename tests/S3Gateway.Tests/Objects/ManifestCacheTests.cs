using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Microsoft.Extensions.Options;
using Vault.Grains.Abstractions.Objects;
using Vault.Protocol.Encryption;
using Vault.Protocol.Ids;
using Vault.Protocol.Manifests;
using Vault.S3Gateway.Objects;

namespace Vault.S3Gateway.Tests.Objects;

public sealed class ManifestCacheTests
{
    private const int PageBytes = 48 << 10;
    private readonly BodyAttempt attempt = new(ObjectId.New(DateTimeOffset.UtcNow), 1, 1);

    [Theory]
    [InlineData(500, 300_000)]
    [InlineData(300_000, 500)]
    [InlineData(1, uint.MaxValue)]
    public async Task A_manifest_that_repair_replaces_between_two_pages_is_read_again(uint before, uint after)
    {
        var (old, now) = (Manifest(before), Manifest(after));
        var grain = new Pages(old, now);
        var cache = new ManifestCache(Factory.Of(grain), Options.Create(new S3Options()));

        Assert.Equal(after, (await cache.BodyAsync(attempt.ObjectId, default)).ShardsOf(0)[0].Volume);

        grain.Reads = 0;
        Assert.Equal(after, (await cache.AgainAsync(attempt.ObjectId)).ShardsOf(0)[0].Volume);
    }

    [Fact]
    public async Task A_manifest_that_never_decodes_is_given_up()
    {
        var grain = new Pages(new byte[3 * PageBytes], new byte[3 * PageBytes]);
        var cache = new ManifestCache(Factory.Of(grain), Options.Create(new S3Options()));
        await Assert.ThrowsAsync<S3Exception>(() => cache.BodyAsync(attempt.ObjectId, default).AsTask());
        Assert.InRange(grain.Reads, 6, 30);
    }

    /// <summary>Of more than two pages; the greater the volume's number the longer.</summary>
    private byte[] Manifest(uint volume)
    {
        var shards = new ShardLocation[3 * 1000];
        for (var i = 0; i < shards.Length; i++)
            shards[i] = new ShardLocation(Cid.Compute(BitConverter.GetBytes(i / 3)), volume, (ulong)i);
        var cbor = new BodyManifest(attempt, 1, 2, 10, 10_000, shards).Encode();
        Assert.True(cbor.Length > 2 * PageBytes);
        return cbor;
    }

    /// <summary>The pages of one manifest until the first was read, those of another from then on.</summary>
    private sealed class Pages(byte[] before, byte[] after) : IManifestGrain
    {
        public int Reads { get; set; }

        public Task<ManifestPage?> ReadPageAsync(ObjectId objectId, int page, CancellationToken cancellationToken)
        {
            var cbor = Reads++ == 0 ? before : after;
            var pages = (cbor.Length + PageBytes - 1) / PageBytes;
            return Task.FromResult(page >= pages ? null : new ManifestPage
            {
                Body = cbor.AsMemory(page * PageBytes, Math.Min(PageBytes, cbor.Length - (page * PageBytes))),
                Pages = pages,
            });
        }

        public Task StagePageAsync(
            ObjectId objectId, int page, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<long> GrantAsync(CancellationToken cancellationToken) => throw new NotSupportedException();
    }

    /// <summary>Every grain is the one.</summary>
    [SuppressMessage("Performance", "CA1852", Justification = "DispatchProxy derives from it.")]
    internal class Factory : DispatchProxy
    {
        private IManifestGrain? grain;

        public static IGrainFactory Of(IManifestGrain grain)
        {
            var factory = Create<IGrainFactory, Factory>();
            ((Factory)(object)factory).grain = grain;
            return factory;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => grain;
    }
}
