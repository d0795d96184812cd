using System.Security.Cryptography;
using System.Text;
using Vault.Protocol.Credentials;
using Vault.Protocol.Encryption;
using Vault.Protocol.Keys;

namespace Vault.Protocol.Tests.Credentials;

public sealed class CredentialTests
{
    [Fact]
    public void Access_key_has_the_lengths_and_first_letters_of_its_form()
    {
        using var key = AccessKey.Generate();
        Assert.Matches("^k[a-z2-7]{27}$", key.Id.Reveal());
        Assert.Matches("^k[a-z2-7]{52}$", key.Secret.Reveal());
        Assert.True(AccessKeyId.TryParse(key.Id.Reveal(), out var parsed));
        Assert.Equal(key.Id.Lookup, parsed.Lookup);
    }

    [Theory]
    [InlineData("")]
    [InlineData("kojreq54kn7u66kt7dh2p5r7l3u")]
    [InlineData("kojreq54kn7u66kt7dh2p5r7l3uqq")]
    [InlineData("KOJREQ54KN7U66KT7DH2P5R7L3UQ")]
    [InlineData("jojreq54kn7u66kt7dh2p5r7l3uq")]
    [InlineData("kojreq54kn7u66kt7dh2p5r7l3ur")]
    [InlineData("kojreq54kn7u66kt7dh2p5r7l3u1")]
    [InlineData("AKIAIOSFODNN7EXAMPLE")]
    public void Anything_else_is_no_access_key_id(string text) => Assert.False(AccessKeyId.TryParse(text, out _));

    [Fact]
    public void Record_opens_with_access_key_id_and_cluster_key_together_only()
    {
        using var keys = ClusterKeys.Generate();
        using var otherCluster = ClusterKeys.Generate();
        using var key = AccessKey.Generate();
        using var other = AccessKey.Generate();
        using var record = Record();
        var box = SealedCredential.Seal(record, key.Id, keys);
        Assert.True(SealedCredential.TryOpen(box, key.Id, keys, out var opened));
        using (opened)
        {
            Assert.Equal(record.Macaroon, opened.Macaroon);
            Assert.True(record.SecretAccessKey.FixedTimeEquals(opened.SecretAccessKey));
            Assert.True(record.Pair!.PrivateKey.FixedTimeEquals(opened.Pair!.PrivateKey));
        }

        Assert.False(SealedCredential.TryOpen(box, key.Id, otherCluster, out _));
        Assert.False(SealedCredential.TryOpen(box, other.Id, keys, out _));
        for (var at = 0; at < box.Length; at += 7)
        {
            box[at] ^= 1;
            Assert.False(SealedCredential.TryOpen(box, key.Id, keys, out _));
            box[at] ^= 1;
        }
    }

    [Fact]
    public void Record_sealed_under_a_retired_key_number_does_not_open()
    {
        using var secret = SecretKey.Generate();
        using var old = WithSealing(new NumberedKeys(1, [new(1, secret)]));
        using var key = AccessKey.Generate();
        using var record = Record();
        var box = SealedCredential.Seal(record, key.Id, old);
        using var both = WithSealing(new NumberedKeys(2, [new(1, secret), new(2, SecretKey.Generate())]));
        Assert.True(SealedCredential.TryOpen(box, key.Id, both, out _));
        using var rotated = WithSealing(new NumberedKeys(2, [new(2, SecretKey.Generate())]));
        Assert.False(SealedCredential.TryOpen(box, key.Id, rotated, out _));
    }

    [Fact]
    public void Recovery_record_opens_without_the_cluster_key()
    {
        using var lost = ClusterKeys.Generate();
        var (text, key) = RecoveryKey.Generate();
        using var record = Record();
        var box = SealedCredential.SealRecovery(record, key.Id);
        Assert.True(RecoveryKey.TryParse(text, out var typed));
        Assert.True(SealedCredential.TryOpen(box, typed.Id, lost, out var opened));
        Assert.Equal(record.Macaroon, opened.Macaroon);
        Assert.True(key.Secret.FixedTimeEquals(typed.Secret));
        opened.Dispose();
    }

    [Fact]
    public void Recovery_key_forgives_layout_and_notices_slips()
    {
        var (text, _) = RecoveryKey.Generate();
        Assert.Matches("^vrk1[a-z2-7]{84}$", text);
        var printed = string.Join('-', text.ToUpperInvariant().Chunk(8).Select(group => new string(group))) + " \r\n";
        Assert.True(RecoveryKey.TryParse(printed, out _));
        var alphabet = "abcdefghijklmnopqrstuvwxyz234567";
        for (var at = 4; at < text.Length; at++)
        {
            var wrong = alphabet[(alphabet.IndexOf(text[at], StringComparison.Ordinal) + 1) % 32];
            Assert.False(RecoveryKey.TryParse(text[..at] + wrong + text[(at + 1)..], out _));
        }

        Assert.False(RecoveryKey.TryParse(text + "a", out _));
        Assert.False(RecoveryKey.TryParse(text.AsSpan(..^1), out _));
        Assert.False(RecoveryKey.TryParse("vrk2" + text[4..], out _));
        Assert.False(RecoveryKey.TryParse(new string(' ', 1000) + text, out _));
    }

    [Fact]
    public void Recovery_key_form_stays_as_documented()
    {
        var bytes = new byte[52];
        for (var i = 0; i < 48; i++)
        {
            bytes[i] = (byte)i;
        }

        var (text, key) = RecoveryKey.FromBytes(bytes);
        Assert.Equal(
            "vrk1aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dypsaijcemsckjrhfausukzmfuxc6pbfgmva", text);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes.AsSpan(0, 16))), key.Id.Lookup.ToString());
    }

    [Fact]
    public void Cluster_keys_read_back_from_their_text()
    {
        using var keys = ClusterKeys.Generate();
        Assert.True(ClusterKeys.TryParse(keys.ToJson(), out var read, out _));
        using (read)
        {
            Assert.Equal(keys.Sealing.ActiveId, read.Sealing.ActiveId);
            Assert.True(keys.Sealing.Active.FixedTimeEquals(read.Sealing.Active));
            Assert.True(keys.MacaroonMasters.Active.FixedTimeEquals(read.MacaroonMasters.Active));
            Assert.Equal(keys.PublicShare.PublicKey.ToArray(), read.PublicShare.PublicKey.ToArray());
            Assert.Equal(keys.ToJson(), read.ToJson());
        }
    }

    [Theory]
    [InlineData("", "not JSON")]
    [InlineData("{", "not JSON")]
    [InlineData("[]", "member")]
    [InlineData("""{"version":2}""", "member")]
    [InlineData("""{"version":1}""", "member")]
    [InlineData("""{"version":1,"version":1}""", "not JSON")]
    public void Faulty_cluster_keys_are_refused_without_repeating_them(string text, string expected)
    {
        Assert.False(ClusterKeys.TryParse(Encoding.UTF8.GetBytes(text), out _, out var fault));
        Assert.Contains(expected, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Altered_cluster_keys_never_throw()
    {
        using var keys = ClusterKeys.Generate();
        Fuzz.Mutations([keys.ToJson()], input =>
        {
            if (ClusterKeys.TryParse(input, out var read, out _))
            {
                read.Dispose();
            }
        });
    }

    [Fact]
    public void Altered_boxes_never_throw()
    {
        using var keys = ClusterKeys.Generate();
        using var key = AccessKey.Generate();
        using var record = Record();
        byte[][] samples = [SealedCredential.Seal(record, key.Id, keys), SealedCredential.SealRecovery(record, key.Id)];
        Fuzz.Mutations(samples, input => SealedCredential.TryOpen(input, key.Id, keys, out _));
    }

    [Fact]
    public void Nothing_secret_prints()
    {
        using var keys = ClusterKeys.Generate();
        using var key = AccessKey.Generate();
        using var record = Record();
        Assert.Equal(key.Id.Lookup.ToString()[..8], key.ToString());
        Assert.Equal(key.Id.Lookup.LogName, key.Id.ToString());
        Assert.Equal("(secret access key)", key.Secret.ToString());
        Assert.Equal(nameof(ClusterKeys), keys.ToString());
        Assert.Equal("1 keys, 1 active", keys.Sealing.ToString());
        Assert.Equal(nameof(CredentialRecord), record.ToString());
    }

    private static CredentialRecord Record() => new()
    {
        Macaroon = "AgEXaHR0cHM6Ly9jb250cm9s",
        SecretAccessKey = SecretAccessKey.Generate(),
        Pair = KeyPair.Generate(),
    };

    private static ClusterKeys WithSealing(NumberedKeys sealing) => new()
    {
        MacaroonMasters = NumberedKeys.Generate(),
        Sealing = sealing,
        PublicShare = KeyPair.Generate(),
    };
}
