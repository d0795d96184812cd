using System.Text;
using Vault.Protocol.Credentials;
using Vault.Protocol.Tests.Vectors;

namespace Vault.Protocol.Tests.Credentials;

public sealed class CredentialVectorTests
{
    [Fact]
    public void Derived_credential_is_that_of_the_vectors()
    {
        var vector = StorageVectors.Section("s3_credentials").GetProperty("derived");
        using var credential = DerivedCredential.FromSignature(vector.Bytes("macaroon_signature"));
        Assert.Equal(vector.Text("access_key_id"), credential.AccessKeyId);
        Assert.Equal(vector.Text("secret_access_key"), credential.Secret.Reveal());
        var macaroon = StorageVectors.Section("macaroon").Bytes("binary_v2");
        Assert.True(DerivedCredential.TryMakeSecurityToken(macaroon, out var token));
        Assert.Equal(vector.Text("security_token"), token);
        Assert.False(DerivedCredential.TryMakeSecurityToken(macaroon.AsSpan(..^1), out _));
    }

    [Fact]
    public void Registered_credential_is_that_of_the_vectors()
    {
        var vector = StorageVectors.Section("s3_credentials").GetProperty("registered");
        Assert.True(AccessKeyId.TryParse(vector.Text("access_key_id"), out var id));
        Assert.Equal(vector.Bytes("raw_key"), id.Raw.ToArray());
        Assert.Equal(vector.Text("access_key_id"), id.Reveal());
        Assert.Equal(vector.Text("lookup_sha256"), id.Lookup.ToString());
        using var recordKey = id.RecordKey();
        Assert.Equal(vector.Bytes("record_key"), recordKey.Bytes.ToArray());
        Assert.True(CredentialRecord.TryOpen(vector.Bytes("record_ciphertext"), id, out var record));
        using (record)
        {
            Assert.Equal(vector.Text("secret_access_key"), record.SecretAccessKey.Reveal());
            Assert.Contains(record.Macaroon, vector.Text("record_plaintext"), StringComparison.Ordinal);
            Assert.Null(record.Pair);
            Assert.Equal(vector.Bytes("record_ciphertext"), record.Seal(id));
        }
    }

    [Fact]
    public void Discharges_change_the_derived_secret_only()
    {
        var signature = Encoding.ASCII.GetBytes("0123456789abcdef0123456789abcdef");
        using var bare = DerivedCredential.FromSignature(signature);
        using var discharged = DerivedCredential.FromSignature(signature, new byte[64]);
        Assert.Equal(bare.AccessKeyId, discharged.AccessKeyId);
        Assert.False(bare.Secret.FixedTimeEquals(discharged.Secret));
    }
}
