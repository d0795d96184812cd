using System.Security.Cryptography;
using Vault.Protocol.Encryption;

namespace Vault.Protocol.Tests.Encryption;

/// <summary>What it makes is what the base library makes, on both sides of every length that matters.</summary>
public sealed class ShortSha256Tests
{
    private static readonly int[] Lengths = [0, 1, 31, 55, 56, 63, 64, 65, 127, 128, 511, 1023, 1024, 1025, 5000];

    private readonly byte[] _bytes = new byte[5000];

    public ShortSha256Tests() => new Random(1).NextBytes(_bytes);

    [Fact]
    public void Hashes_are_those_of_the_base_library()
    {
        var hash = new byte[SHA256.HashSizeInBytes];
        foreach (var length in Lengths)
        {
            ShortSha256.Hash(_bytes.AsSpan(0, length), hash);
            Assert.Equal(SHA256.HashData(_bytes.AsSpan(0, length)), hash);
        }
    }

    [Fact]
    public void Macs_are_those_of_the_base_library()
    {
        var mac = new byte[SHA256.HashSizeInBytes];
        foreach (var key in (ReadOnlySpan<int>)[0, 1, 16, 32, 63, 64, 65, 200])
        {
            foreach (var length in Lengths)
            {
                ShortSha256.Hmac(_bytes.AsSpan(0, key), _bytes.AsSpan(0, length), mac);
                Assert.Equal(HMACSHA256.HashData(_bytes.AsSpan(0, key), _bytes.AsSpan(0, length)), mac);
            }
        }
    }

    [Fact]
    public void A_mac_may_overwrite_its_key()
    {
        var key = _bytes[..32];
        ShortSha256.Hmac(key, _bytes.AsSpan(0, 100), key);
        Assert.Equal(HMACSHA256.HashData(_bytes.AsSpan(0, 32), _bytes.AsSpan(0, 100)), key);
    }

    [Fact]
    public void Derived_keys_are_those_of_the_base_library()
    {
        var key = new byte[32];
        foreach (var (salt, info) in ((int, int)[])[(0, 0), (16, 18), (32, 62), (64, 63), (100, 64), (0, 300)])
        {
            ShortSha256.DeriveKey(_bytes.AsSpan(0, 32), _bytes.AsSpan(100, salt), _bytes.AsSpan(300, info), key);
            var expected = HKDF.DeriveKey(
                HashAlgorithmName.SHA256, _bytes[..32], 32, _bytes[100..(100 + salt)], _bytes[300..(300 + info)]);
            Assert.Equal(expected, key);
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => ShortSha256.DeriveKey([1], [], [], new byte[16]));
    }
}
