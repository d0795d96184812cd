using System.Security.Cryptography;
using Vault.Protocol.Encryption;
using Vault.Protocol.Ids;
using Vault.Protocol.Tests.Vectors;

namespace Vault.Protocol.Tests.Encryption;

public sealed class ChunkCipherTests
{
    private static readonly byte[] Root = RandomNumberGenerator.GetBytes(32);
    private static readonly BodyAttempt Attempt = BodyAttempt.New(DateTimeOffset.UnixEpoch);

    [Fact]
    public void Payloads_and_content_ids_are_those_of_the_vectors()
    {
        var kdf = StorageVectors.Section("kdf");
        var pipeline = StorageVectors.Section("pipeline");
        var attempt = new BodyAttempt(
            ObjectId.FromBytes(pipeline.Bytes("object_id")),
            new UInt128(Convert.ToUInt64(kdf.Text("salt")[..16], 16), Convert.ToUInt64(kdf.Text("salt")[16..], 16)),
            Convert.ToUInt32(pipeline.Text("nonce_prefix"), 16));
        using var cipher = new ChunkCipher(kdf.Bytes("root_secret"), attempt);
        foreach (var chunk in pipeline.GetProperty("chunks").EnumerateArray())
        {
            var index = chunk.GetProperty("chunk_index").GetUInt32();
            var final = chunk.GetProperty("final").GetBoolean();
            var payload = Room(chunk.Bytes("plaintext"));
            cipher.EncryptInPlace(payload, index, final);
            Assert.Equal(chunk.Bytes("payload"), payload);
            foreach (var shard in chunk.GetProperty("shards").EnumerateArray())
            {
                Assert.Equal(shard.Text("cid"), Cid.Compute(shard.Bytes("bytes")).ToString());
            }

            Assert.True(cipher.TryDecryptInPlace(payload, index, final));
            Assert.Equal(chunk.Bytes("plaintext"), ChunkCipher.Plaintext(payload).ToArray());
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4096)]
    [InlineData(1 << 20)]
    public void Chunk_comes_back_as_it_was(int length)
    {
        var plaintext = RandomNumberGenerator.GetBytes(length);
        using var cipher = new ChunkCipher(Root, Attempt);
        var payload = Room(plaintext);
        cipher.EncryptInPlace(payload, 7, final: true);
        var opened = new byte[length];
        Assert.True(cipher.TryDecrypt(payload, 7, final: true, opened));
        Assert.Equal(plaintext, opened);
    }

    [Fact]
    public void Chunk_opens_in_no_other_place_and_not_when_altered()
    {
        using var cipher = new ChunkCipher(Root, Attempt);
        var payload = Room(new byte[100]);
        cipher.EncryptInPlace(payload, 3, final: false);
        var opened = new byte[100];
        Assert.False(cipher.TryDecrypt(payload, 4, final: false, opened));
        Assert.False(cipher.TryDecrypt(payload, 3, final: true, opened));
        Assert.False(cipher.TryDecrypt(payload.AsSpan(..^1), 3, final: false, opened.AsSpan(..^1)));
        Assert.False(cipher.TryDecryptInPlace(new byte[ChunkCipher.Overhead - 1], 3, final: false));
        using var otherBody = new ChunkCipher(Root, Attempt with { ObjectId = ObjectId.New(DateTimeOffset.UnixEpoch) });
        Assert.False(otherBody.TryDecrypt(payload, 3, final: false, opened));
        using var otherSalt = new ChunkCipher(Root, Attempt with { Salt = Attempt.Salt + 1 });
        Assert.False(otherSalt.TryDecrypt(payload, 3, final: false, opened));
        for (var at = 0; at < payload.Length; at += 9)
        {
            payload[at] ^= 0x10;
            Assert.False(cipher.TryDecrypt(payload, 3, final: false, opened));
            payload[at] ^= 0x10;
        }

        Assert.True(cipher.TryDecrypt(payload, 3, final: false, opened));
    }

    [Fact]
    public void Failed_decryption_leaves_no_plaintext()
    {
        using var cipher = new ChunkCipher(Root, Attempt);
        var payload = Room(Enumerable.Repeat((byte)0x41, 1000).ToArray());
        cipher.EncryptInPlace(payload, 0, final: true);
        payload[^1] ^= 1;
        Assert.False(cipher.TryDecryptInPlace(payload, 0, final: true));
        Assert.False(ChunkCipher.Plaintext(payload).Contains((byte)0x41));
    }

    [Fact]
    public void One_cipher_serves_many_threads()
    {
        using var cipher = new ChunkCipher(Root, Attempt);
        Parallel.For(0, 2000, new ParallelOptions { MaxDegreeOfParallelism = 8 }, index =>
        {
            var plaintext = new byte[1000];
            new Random(index).NextBytes(plaintext);
            var payload = Room(plaintext);
            cipher.EncryptInPlace(payload, (uint)index, final: false);
            Assert.True(cipher.TryDecryptInPlace(payload, (uint)index, final: false));
            Assert.Equal(plaintext, ChunkCipher.Plaintext(payload).ToArray());
        });
    }

    [Fact]
    public void Disposed_cipher_encrypts_nothing()
    {
        var cipher = new ChunkCipher(Root, Attempt);
        cipher.Dispose();
        Assert.Throws<ObjectDisposedException>(() => cipher.EncryptInPlace(Room([1]), 0, final: true));
    }

    [Fact]
    public void Attempts_never_repeat()
    {
        var attempts = Enumerable.Range(0, 1000).Select(_ => BodyAttempt.New(DateTimeOffset.UnixEpoch)).ToList();
        Assert.Equal(1000, attempts.Select(a => a.Salt).Distinct().Count());
        Assert.Equal(1000, attempts.Select(a => a.ObjectId).Distinct().Count());
    }

    private static byte[] Room(byte[] plaintext) =>
        [.. new byte[ChunkCipher.NonceSize], .. plaintext, .. new byte[ChunkCipher.TagSize]];
}
