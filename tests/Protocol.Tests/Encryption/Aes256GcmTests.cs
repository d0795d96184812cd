using System.Security.Cryptography;
using Vault.Protocol.Encryption;

namespace Vault.Protocol.Tests.Encryption;

public sealed class Aes256GcmTests
{
    private readonly byte[] _bytes = new byte[10_000];
    private readonly byte[] _key = new byte[32];
    private readonly byte[] _nonce = new byte[Aes256Gcm.NonceSize];

    public Aes256GcmTests()
    {
        var random = new Random(2);
        random.NextBytes(_bytes);
        random.NextBytes(_key);
        random.NextBytes(_nonce);
    }

    [Fact]
    public void Texts_of_any_length_are_those_of_the_base_library()
    {
        using var cipher = new Aes256Gcm(SecretKey.FromBytes(_key));
        using var reference = new AesGcm(_key, Aes256Gcm.TagSize);
        var (sealedBytes, tag) = (new byte[_bytes.Length], new byte[Aes256Gcm.TagSize]);
        var (expected, expectedTag) = (new byte[_bytes.Length], new byte[Aes256Gcm.TagSize]);
        var opened = new byte[_bytes.Length];
        foreach (var length in (ReadOnlySpan<int>)[0, 1, 15, 16, 17, 100, 4095, 4096, 4097, 10_000])
        {
            foreach (var aad in (ReadOnlySpan<int>)[0, 1, 35, 90])
            {
                cipher.Encrypt(
                    _nonce, _bytes.AsSpan(0, length), sealedBytes.AsSpan(0, length), tag, _bytes.AsSpan(0, aad));
                reference.Encrypt(
                    _nonce, _bytes.AsSpan(0, length), expected.AsSpan(0, length), expectedTag, _bytes.AsSpan(0, aad));
                Assert.Equal(expected.AsSpan(0, length), sealedBytes.AsSpan(0, length));
                Assert.Equal(expectedTag, tag);
                Assert.True(cipher.TryDecrypt(
                    _nonce, sealedBytes.AsSpan(0, length), tag, opened.AsSpan(0, length), _bytes.AsSpan(0, aad)));
                Assert.Equal(_bytes.AsSpan(0, length), opened.AsSpan(0, length));
            }
        }
    }

    [Theory]
    [InlineData(100)]
    [InlineData(4096)]
    [InlineData(5000)]
    public void A_flipped_bit_anywhere_opens_nothing(int length)
    {
        using var cipher = new Aes256Gcm(SecretKey.FromBytes(_key));
        var (text, tag, aad) = (_bytes[..length], new byte[Aes256Gcm.TagSize], _bytes[..40]);
        cipher.Encrypt(_nonce, text, text, tag, aad);
        foreach (var part in (byte[][])[text, tag, aad, _nonce])
        {
            part[^1] ^= 1;
            var plain = new byte[length];
            Array.Fill(plain, (byte)7);
            Assert.False(cipher.TryDecrypt(_nonce, text, tag, plain, aad));
            Assert.All(plain, b => Assert.Equal(0, b));
            part[^1] ^= 1;
        }

        Assert.True(cipher.TryDecrypt(_nonce, text, tag, new byte[length], aad));
    }

    [Fact]
    public void Nothing_is_made_with_a_wiped_key()
    {
        var cipher = new Aes256Gcm(SecretKey.FromBytes(_key));
        var (text, tag) = (new byte[50], new byte[Aes256Gcm.TagSize]);
        cipher.Encrypt(_nonce, text, text, tag, []);
        cipher.Dispose();
        Assert.Throws<ObjectDisposedException>(() => cipher.Encrypt(_nonce, text, text, tag, []));
        Assert.Throws<ObjectDisposedException>(() => cipher.TryDecrypt(_nonce, text, tag, text, []));
    }

    [Fact]
    public void Wrong_lengths_are_refused()
    {
        using var cipher = new Aes256Gcm(SecretKey.FromBytes(_key));
        var text = new byte[50];
        Assert.ThrowsAny<ArgumentException>(() => cipher.Encrypt(_nonce, text, text, new byte[15], []));
        Assert.ThrowsAny<ArgumentException>(() => cipher.Encrypt(_nonce.AsSpan(1), text, text, new byte[16], []));
        Assert.ThrowsAny<ArgumentException>(() => cipher.Encrypt(_nonce, text, new byte[49], new byte[16], []));
    }
}
