namespace Vault.Protocol.Credentials;

/// <summary>A registered S3 credential as its owner holds it.</summary>
/// <param name="id">Access key id.</param>
/// <param name="secret">Secret access key; owned.</param>
public sealed class AccessKey(AccessKeyId id, SecretAccessKey secret) : IDisposable
{
    /// <summary>Access key id.</summary>
    public AccessKeyId Id { get; } = id;

    /// <summary>Secret access key.</summary>
    public SecretAccessKey Secret { get; } = secret;

    /// <summary>A fresh credential.</summary>
    public static AccessKey Generate() => new(AccessKeyId.Generate(), SecretAccessKey.Generate());

    /// <summary>Wipes the secret.</summary>
    public void Dispose() => Secret.Dispose();

    /// <summary>The log name only.</summary>
    public override string ToString() => Id.ToString();
}
