using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Vault.Protocol.Encryption;
using Vault.Protocol.Tests.Vectors;

namespace Vault.Protocol.Tests.Encryption;

public sealed class PrimitiveTests
{
    private static readonly JsonElement Vectors = StorageVectors.Section("primitives");

    [Fact]
    public void X25519_answers_as_RFC_7748()
    {
        var vector = Vectors.GetProperty("x25519_rfc7748");
        var shared = new byte[X25519.KeySize];
        Assert.True(X25519.TryAgree(vector.Bytes("scalar"), vector.Bytes("u"), shared));
        Assert.Equal(vector.Bytes("out"), shared);
    }

    [Fact]
    public void X25519_refuses_a_point_of_small_order()
    {
        var scalar = Vectors.GetProperty("x25519_rfc7748").Bytes("scalar");
        Assert.False(X25519.TryAgree(scalar, new byte[X25519.KeySize], new byte[X25519.KeySize]));
    }

    [Fact]
    public void Ed25519_answers_as_RFC_8032()
    {
        var vector = Vectors.GetProperty("ed25519_rfc8032_test2");
        var seed = vector.Bytes("seed");
        var message = vector.Bytes("message");
        Assert.Equal(vector.Bytes("public"), Ed25519.PublicKey(seed));
        Assert.Equal(vector.Bytes("signature"), Ed25519.Sign(seed, message));
        Assert.True(Ed25519.Verify(vector.Bytes("public"), message, vector.Bytes("signature")));
    }

    [Fact]
    public void Ed25519_refuses_altered_signatures_a_scalar_out_of_range_and_small_order_keys()
    {
        var vector = Vectors.GetProperty("ed25519_rfc8032_test2");
        var (publicKey, message, signature) =
            (vector.Bytes("public"), vector.Bytes("message"), vector.Bytes("signature"));
        foreach (var at in new[] { 0, 31, 32, 63 })
        {
            var altered = (byte[])signature.Clone();
            altered[at] ^= 1;
            Assert.False(Ed25519.Verify(publicKey, message, altered));
        }

        Assert.False(Ed25519.Verify(publicKey, message, AddGroupOrder(signature)));
        var identity = new byte[Ed25519.PublicKeySize];
        identity[0] = 1;
        var forged = new byte[Ed25519.SignatureSize];
        forged[0] = 1;
        Assert.False(Ed25519.Verify(identity, message, forged));
        Assert.False(Ed25519.Verify(publicKey.AsSpan(1), message, signature));
    }

    [Fact]
    public void Argon2id_answers_as_RFC_9106()
    {
        var vector = Vectors.GetProperty("argon2id_rfc9106");
        var parameters = new Argon2Parameters(
            vector.GetProperty("memory_kib").GetInt32(),
            vector.GetProperty("iterations").GetInt32(),
            vector.GetProperty("lanes").GetInt32());
        var tag = new byte[32];
        Argon2.DeriveUnchecked(
            vector.Bytes("password"), vector.Bytes("salt"), vector.Bytes("secret"), vector.Bytes("associated_data"),
            parameters, tag);
        Assert.Equal(vector.Bytes("tag"), tag);
    }

    [Theory]
    [InlineData(19_455, 3, 1)]
    [InlineData(1_048_577, 3, 1)]
    [InlineData(65_536, 0, 1)]
    [InlineData(65_536, 11, 1)]
    [InlineData(65_536, 3, 0)]
    [InlineData(65_536, 3, 17)]
    public void Argon2id_refuses_costs_outside_the_accepted_ranges(int memoryKib, int iterations, int lanes) =>
        Assert.Throws<ArgumentException>(() => Argon2.DeriveKey(
            "password"u8, new byte[16], new Argon2Parameters(memoryKib, iterations, lanes), new byte[32]));

    [Fact]
    public void Blake2b_answers_as_RFC_7693()
    {
        var hash = new byte[64];
        Blake2b.Hash("abc"u8, hash);
        Assert.Equal(Vectors.Bytes("blake2b_512_abc"), hash);
    }

    [Fact]
    public void Secretbox_answers_as_NaCl_and_refuses_what_was_altered()
    {
        var vector = Vectors.GetProperty("secretbox_nacl");
        var (key, nonce, message) = (vector.Bytes("key"), vector.Bytes("nonce"), vector.Bytes("message"));
        var box = new byte[message.Length + SecretBox.Overhead];
        SecretBox.Seal(key, nonce, message, box);
        Assert.Equal(vector.Bytes("boxed"), box);
        var opened = new byte[message.Length];
        Assert.True(SecretBox.TryOpen(key, nonce, box, opened));
        Assert.Equal(message, opened);
        box[0] ^= 1;
        Assert.False(SecretBox.TryOpen(key, nonce, box, opened));
    }

    [Fact]
    public void Hkdf_answers_as_RFC_5869()
    {
        var vector = Vectors.GetProperty("hkdf_sha256_rfc5869_case1");
        var key = HKDF.DeriveKey(
            HashAlgorithmName.SHA256, vector.Bytes("ikm"), 42, vector.Bytes("salt"), vector.Bytes("info"));
        Assert.Equal(vector.Bytes("okm_42"), key);
    }

    [Fact]
    public void Password_and_subkeys_are_those_of_the_vectors()
    {
        var vector = StorageVectors.Section("kdf");
        var salt = vector.Bytes("salt");
        var root = new byte[32];
        Argon2.DeriveKey(Encoding.UTF8.GetBytes(vector.Text("password_utf8")), salt, Argon2Parameters.Default, root);
        Assert.Equal(vector.Bytes("root_secret"), root);
        var subkeys = vector.GetProperty("hkdf_sha256");
        var key = new byte[32];
        KeyDerivation.ChunkKey(root, salt, key);
        Assert.Equal(subkeys.Bytes("k_enc"), key);
        KeyDerivation.ManifestKey(root, salt, key);
        Assert.Equal(subkeys.Bytes("k_mac"), key);
        KeyDerivation.AuditKey(root, salt, key);
        Assert.Equal(subkeys.Bytes("k_audit"), key);
    }

    [Fact]
    public void Legacy_password_key_is_that_of_the_vectors()
    {
        var vector = StorageVectors.Section("kdf");
        var legacy = vector.GetProperty("legacy");
        var key = new byte[32];
        Argon2.DeriveKey(
            Encoding.UTF8.GetBytes(vector.Text("password_utf8")),
            Encoding.ASCII.GetBytes(legacy.Text("salt_text")),
            new Argon2Parameters(19_456, 2, 1),
            key);
        Assert.Equal(legacy.Bytes("key"), key);
    }

    [Fact]
    public void Sealed_box_opens_for_its_recipient_only()
    {
        var (own, other) = (RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(32));
        var box = SealedBox.Seal("message"u8, X25519.PublicKey(own));
        var message = new byte[7];
        Assert.True(SealedBox.TryOpen(box, X25519.PublicKey(own), own, message));
        Assert.Equal("message"u8, message);
        Assert.False(SealedBox.TryOpen(box, X25519.PublicKey(other), other, message));
        Assert.False(SealedBox.TryOpen(box.AsSpan(1), X25519.PublicKey(own), own, message));
        box[^1] ^= 1;
        Assert.False(SealedBox.TryOpen(box, X25519.PublicKey(own), own, message));
    }

    /// <summary>The same scalar plus L: verifies in careless implementations.</summary>
    private static byte[] AddGroupOrder(byte[] signature)
    {
        var order = Convert.FromHexString("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
        var malleable = (byte[])signature.Clone();
        var carry = 0;
        for (var i = 0; i < order.Length; i++)
        {
            carry += malleable[32 + i] + order[i];
            malleable[32 + i] = (byte)carry;
            carry >>= 8;
        }

        return malleable;
    }
}
