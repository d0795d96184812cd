using System.Security.Cryptography;
using Vault.Protocol.Encryption;

namespace Vault.Protocol.Tests.Encryption;

public sealed class ShortSha256Tests
{
    [Fact]
    public void Hashes_are_those_of_the_base_library_on_both_sides_of_every_length_that_matters()
    {
        var bytes = new byte[5000];
        new Random(1).NextBytes(bytes);
        var hash = new byte[SHA256.HashSizeInBytes];
        foreach (var length in (ReadOnlySpan<int>)[0, 1, 31, 55, 56, 63, 64, 65, 127, 128, 511, 1023, 1024, 1025, 5000])
        {
            ShortSha256.Hash(bytes.AsSpan(0, length), hash);
            Assert.Equal(SHA256.HashData(bytes.AsSpan(0, length)), hash);
        }
    }
}
