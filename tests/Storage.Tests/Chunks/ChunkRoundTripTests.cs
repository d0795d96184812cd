using System.IO.Pipelines;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Vault.Protocol.Encryption;
using Vault.Protocol.Manifests;
using Vault.Storage.Chunks;
using Vault.Storage.Shards;
using Vault.Storage.Volumes;

namespace Vault.Storage.Tests.Chunks;

public sealed class ChunkRoundTripTests : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("vault-chunks-").FullName;
    private readonly BufferBudget _budget = new(32 << 20);
    private readonly byte[] _root = RandomNumberGenerator.GetBytes(32);
    private Volume _volume = null!;
    private ShardClient _shards = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var options = new VolumeOptions
        {
            Path = Path.Combine(_directory, "volume"),
            LogBytes = 64 << 20,
            DatabaseReserveBytes = 0,
        };
        _volume = await Volume.OpenAsync(options, null, TimeProvider.System, NullLoggerFactory.Instance, null, Token);
        _shards = new ShardClient([_volume]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4097)]
    [InlineData(256 << 10)]
    [InlineData((256 << 10) + 1)]
    [InlineData(3_000_000)]
    public async Task A_body_comes_back_whole_and_in_any_range(int size)
    {
        var body = RandomNumberGenerator.GetBytes(size);
        foreach (var length in new long?[] { size, null })
        {
            var attempt = BodyAttempt.New(TimeProvider.System.GetUtcNow());
            using var cipher = new ChunkCipher(_root, attempt);
            using var seen = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var manifest = await new ChunkWriter(_budget, _shards)
                .WriteAsync(new StutteringStream(body), cipher, attempt, length, seen.AppendData, Token);
            Assert.Equal(size, manifest.TotalBytes);
            Assert.Equal(SHA256.HashData(body), seen.GetHashAndReset());
            Assert.Equal(body, await ReadAsync(manifest, cipher, 0, size));
            foreach (var (offset, count) in new[]
            {
                (0, Math.Min(size, 10)), (size / 2, size - size / 2), (Math.Max(size - 3, 0), Math.Min(3, size)),
            })
            {
                Assert.Equal(body.AsSpan(offset, count).ToArray(), await ReadAsync(manifest, cipher, offset, count));
            }
        }

        Assert.Equal(0, _budget.UsedBytes);
    }

    [Theory]
    [InlineData(2_000_000, 2_000_001)]
    [InlineData(2_000_000, 1_999_999)]
    [InlineData(0, 1)]
    public async Task A_body_of_another_length_than_declared_is_refused_and_leaves_no_shard(int size, int declared)
    {
        var attempt = BodyAttempt.New(TimeProvider.System.GetUtcNow());
        using var cipher = new ChunkCipher(_root, attempt);
        var before = Live();
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => new ChunkWriter(_budget, _shards).WriteAsync(
            new StutteringStream(RandomNumberGenerator.GetBytes(size)), cipher, attempt, declared, null, Token));
        Assert.IsType(size < declared ? typeof(EndOfStreamException) : typeof(InvalidDataException), refused);
        Assert.Equal(before, Live());
        Assert.Equal(0, _budget.UsedBytes);
    }

    [Theory]
    [InlineData(10_000)]
    [InlineData(5_000_000)]
    public async Task A_volume_that_refuses_gets_its_buffers_back_to_the_budget(int size)
    {
        await _volume.DisposeAsync();
        foreach (var length in new long?[] { size, null })
        {
            var attempt = BodyAttempt.New(TimeProvider.System.GetUtcNow());
            using var cipher = new ChunkCipher(_root, attempt);
            await Assert.ThrowsAnyAsync<Exception>(() => new ChunkWriter(_budget, _shards).WriteAsync(
                new StutteringStream(new byte[size]), cipher, attempt, length, null, Token));
            Assert.Equal(0, _budget.UsedBytes);
        }
    }

    [Fact]
    public async Task A_shard_of_another_body_is_refused_before_a_byte_leaves()
    {
        var (first, cipher) = await StoreAsync(500_000);
        var (second, other) = await StoreAsync(500_000);
        using (cipher)
        using (other)
        {
            var spliced = new BodyManifest(
                first.Attempt, 1, 0, first.ChunkBytes, first.TotalBytes, second.Shards.ToArray());
            await Assert.ThrowsAsync<ShardDamagedException>(() => ReadAsync(spliced, cipher, 0, 500_000));
            var shuffled = first.Shards.ToArray();
            Array.Reverse(shuffled);
            await Assert.ThrowsAsync<ShardDamagedException>(() =>
                ReadAsync(
                    new BodyManifest(first.Attempt, 1, 0, first.ChunkBytes, first.TotalBytes, shuffled), cipher, 0,
                    10));
        }

        Assert.Equal(0, _budget.UsedBytes);
    }

    [Fact]
    public async Task A_deleted_shard_is_reported_missing()
    {
        var (manifest, cipher) = await StoreAsync(10_000);
        using (cipher)
        {
            var shard = manifest.ShardsOf(0)[0];
            await _shards.DeleteAsync(shard.Cid, shard.Volume, shard.Sequence, Token);
            await Assert.ThrowsAsync<ShardMissingException>(() => ReadAsync(manifest, cipher, 0, 10_000));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _volume.DisposeAsync();
        _budget.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private async Task<(BodyManifest Manifest, ChunkCipher Cipher)> StoreAsync(int size)
    {
        var attempt = BodyAttempt.New(TimeProvider.System.GetUtcNow());
        var cipher = new ChunkCipher(_root, attempt);
        return (await new ChunkWriter(_budget, _shards)
            .WriteAsync(new MemoryStream(RandomNumberGenerator.GetBytes(size)), cipher, attempt, size, null, Token),
            cipher);
    }

    private async Task<byte[]> ReadAsync(BodyManifest manifest, ChunkCipher cipher, long offset, long count)
    {
        using var memory = new MemoryStream();
        var writer = PipeWriter.Create(memory);
        await new ChunkReader(_budget, _shards).CopyToAsync(manifest, cipher, offset, count, writer, Token);
        await writer.CompleteAsync();
        return memory.ToArray();
    }

    private int Live() => _volume.List(0, new ShardRecord[1000]);

    /// <summary>Gives a few bytes at a time, as sockets do.</summary>
    private sealed class StutteringStream(byte[] bytes) : Stream
    {
        private int _at;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => _at; set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            var take = Math.Min(Math.Min(buffer.Length, bytes.Length - _at), 1 + _at % 65_537);
            bytes.AsSpan(_at, take).CopyTo(buffer);
            _at += take;
            return take;
        }

        public override async ValueTask<int> ReadAsync(
            Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            return Read(buffer.Span);
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
