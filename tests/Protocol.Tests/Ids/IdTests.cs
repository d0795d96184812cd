using Vault.Protocol.Ids;

namespace Vault.Protocol.Tests.Ids;

public sealed class IdTests
{
    [Fact]
    public void Ids_read_back_from_text_and_bytes()
    {
        var id = ObjectId.New(DateTimeOffset.UnixEpoch.AddMilliseconds(0x0123_4567_89ab));
        Assert.StartsWith("0123456789ab", id.ToString(), StringComparison.Ordinal);
        Assert.Equal(32, id.ToString().Length);
        Assert.True(ObjectId.TryParse(id.ToString(), out var parsed));
        Assert.Equal(id, parsed);
        Assert.Equal(id, ObjectId.FromBytes(id.ToArray()));
        Assert.Equal(id.ToString(), Convert.ToHexStringLower(id.ToArray()));
        Assert.NotEqual(id, ObjectId.New(DateTimeOffset.UnixEpoch));
        Assert.Throws<ArgumentException>(() => ObjectId.FromBytes(new byte[15]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0123456789abcdef0123456789abcde")]
    [InlineData("0123456789abcdef0123456789abcdef0")]
    [InlineData("0123456789ABCDEF0123456789ABCDEF")]
    [InlineData("0123456789abcdef0123456789abcdeg")]
    [InlineData("0x23456789abcdef0123456789abcdef")]
    public void Id_text_has_one_form(string text)
    {
        Assert.False(BucketId.TryParse(text, out _));
        Assert.False(ObjectId.TryParse(text, out _));
        Assert.False(UploadId.TryParse(text, out _));
        Assert.False(VersionId.TryParse(text, out _));
    }

    [Fact]
    public void Project_and_tenant_ids_have_their_prefix_and_20_digits()
    {
        var project = ProjectId.New();
        Assert.Matches("^prj_[0-9a-f]{20}$", project.Value);
        Assert.True(ProjectId.TryParse(project.Value, out var parsed));
        Assert.Equal(project, parsed);
        Assert.False(TenantId.TryParse(project.Value, out _));
        Assert.False(ProjectId.TryParse(project.Value + "0", out _));
        Assert.False(ProjectId.TryParse(project.Value.ToUpperInvariant(), out _));
        Assert.True(TenantId.TryParse(TenantId.New().Value, out _));
        Assert.Equal("", default(ProjectId).Value);
    }

    [Theory]
    [InlineData("abc", true)]
    [InlineData("my.bucket-1", true)]
    [InlineData("0.0.0.a", true)]
    [InlineData("ab", false)]
    [InlineData("aB1", false)]
    [InlineData("a_b", false)]
    [InlineData("a..b", false)]
    [InlineData(".ab", false)]
    [InlineData("ab.", false)]
    [InlineData("-ab", false)]
    [InlineData("ab-", false)]
    [InlineData("192.168.5.4", false)]
    [InlineData("xn--abc", false)]
    [InlineData("sthree-abc", false)]
    [InlineData("amzn-s3-demo-abc", false)]
    [InlineData("abc-s3alias", false)]
    [InlineData("abc--ol-s3", false)]
    [InlineData("abc--x-s3", false)]
    [InlineData("abc.mrap", false)]
    [InlineData("a/b", false)]
    [InlineData("äbc", false)]
    public void Bucket_names_follow_the_rules_of_AWS(string text, bool valid)
    {
        Assert.Equal(valid, BucketName.TryParse(text, out var name));
        Assert.Equal(valid ? text : "", name.Value);
    }

    [Fact]
    public void Bucket_name_is_at_most_63_characters()
    {
        Assert.True(BucketName.TryParse(new string('a', 63), out _));
        Assert.False(BucketName.TryParse(new string('a', 64), out _));
    }

    [Fact]
    public void Object_key_is_1_to_1024_bytes_of_UTF8()
    {
        Assert.False(ObjectKey.TryParse("", out _));
        Assert.True(ObjectKey.TryParse(new string('é', 512), out var longest));
        Assert.Equal(1024, longest.Bytes.Length);
        Assert.False(ObjectKey.TryParse(new string('é', 512) + "a", out _));
        Assert.False(ObjectKey.TryParse("lone \ud800 surrogate", out _));
        Assert.False(ObjectKey.TryParse([0x61, 0xff], out _));
        Assert.True(ObjectKey.TryParse("a//b/../%25 +\0\U0001F600"u8, out var odd));
        Assert.Equal("a//b/../%25 +\0\U0001F600", odd.ToString());
    }

    [Fact]
    public void Object_keys_order_by_bytes_not_by_UTF16()
    {
        Assert.True(ObjectKey.TryParse("\uff5e", out var basicPlane));
        Assert.True(ObjectKey.TryParse("\U0001F600", out var astral));
        Assert.True(basicPlane.CompareTo(astral) < 0);
        Assert.True(string.CompareOrdinal("\uff5e", "\U0001F600") > 0);
        Assert.True(ObjectKey.TryParse("\uff5e"u8, out var same));
        Assert.Equal(basicPlane, same);
        Assert.True(basicPlane == same && basicPlane != astral);
        Assert.Equal(basicPlane.GetHashCode(), same.GetHashCode());
    }

    [Fact]
    public void Partition_follows_the_first_byte_of_the_keys_hash()
    {
        Assert.True(ObjectKey.TryParse("abc", out var key));
        Assert.Equal(0xba, key.Hash[0]);
        Assert.Equal(0xba % 16, key.Partition(16));
        Assert.Equal(0, key.Partition(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => key.Partition(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => key.Partition(257));
    }
}
