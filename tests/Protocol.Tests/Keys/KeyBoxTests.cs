using Vault.Protocol.Encryption;
using Vault.Protocol.Ids;
using Vault.Protocol.Keys;

namespace Vault.Protocol.Tests.Keys;

public sealed class KeyBoxTests
{
    [Fact]
    public void Bucket_key_opens_for_its_recipient_and_only_as_what_it_is()
    {
        using var owner = KeyPair.Generate();
        using var stranger = KeyPair.Generate();
        var bucket = BucketId.New(DateTimeOffset.UnixEpoch);
        using var key = BucketKey.Generate(bucket, 5);
        var box = key.Seal(owner.PublicKey);
        Assert.Equal(BucketKey.BoxSize, box.Length);
        Assert.Equal(100, box.Length);
        Assert.True(BucketKey.TryOpen(box, bucket, 5, owner, out var opened));
        Assert.True(key.Key.FixedTimeEquals(opened.Key));
        Assert.False(BucketKey.TryOpen(box, bucket, 6, owner, out _));
        Assert.False(BucketKey.TryOpen(box, new BucketId(bucket.Value + 1), 5, owner, out _));
        Assert.False(BucketKey.TryOpen(box, bucket, 5, stranger, out _));
        Assert.False(BucketKey.TryOpen(box.AsSpan(1), bucket, 5, owner, out _));
        opened.Dispose();
    }

    [Fact]
    public void Project_secret_opens_for_its_credential_and_only_as_what_it_is()
    {
        using var credential = KeyPair.Generate();
        using var stranger = KeyPair.Generate();
        var project = ProjectId.New();
        using var secret = ProjectSecret.Generate(project, 1);
        var box = secret.Seal(credential.PublicKey);
        Assert.Equal(ProjectSecret.BoxSize, box.Length);
        Assert.True(ProjectSecret.TryOpen(box, project, 1, credential, out var opened));
        Assert.True(secret.DataKey.FixedTimeEquals(opened.DataKey));
        Assert.Equal(secret.Pair.PublicKey.ToArray(), opened.Pair.PublicKey.ToArray());
        Assert.False(ProjectSecret.TryOpen(box, project, 2, credential, out _));
        Assert.False(ProjectSecret.TryOpen(box, ProjectId.New(), 1, credential, out _));
        Assert.False(ProjectSecret.TryOpen(box, default, 1, credential, out _));
        Assert.False(ProjectSecret.TryOpen(box, project, 1, stranger, out _));
        opened.Dispose();
    }

    [Fact]
    public void Disposed_keys_are_wiped_and_refuse_use()
    {
        var key = SecretKey.Generate();
        var bytes = key.Bytes;
        key.Dispose();
        Assert.False(bytes.ContainsAnyExcept((byte)0));
        Assert.Throws<ObjectDisposedException>(() => key.Bytes.Length);
    }

    [Fact]
    public void Keys_do_not_print()
    {
        using var secret = ProjectSecret.Generate(ProjectId.New(), 1);
        using var bucket = BucketKey.Generate(BucketId.New(DateTimeOffset.UnixEpoch), 1);
        foreach (var (text, key) in new[] { (secret.ToString(), secret.DataKey), (bucket.ToString(), bucket.Key) })
        {
            Assert.DoesNotContain(Convert.ToHexStringLower(key.Bytes[..4]), text, StringComparison.Ordinal);
            Assert.Equal("(secret key)", key.ToString());
        }

        Assert.Equal("key pair " + Convert.ToHexStringLower(secret.Pair.PublicKey[..4]), secret.Pair.ToString());
    }
}
