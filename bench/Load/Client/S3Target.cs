using System.Security.Cryptography.X509Certificates;

namespace Vault.Load.Client;

/// <summary>Where requests go and who signs them.</summary>
internal sealed record S3Target
{
    public required Uri Endpoint { get; init; }

    public required string Bucket { get; init; }

    public required string AccessKeyId { get; init; }

    public required string SecretAccessKey { get; init; }

    public required string Region { get; init; }

    /// <summary>True to send UNSIGNED-PAYLOAD in place of the body's hash.</summary>
    public bool UnsignedPayload { get; init; }

    /// <summary>The only authority to trust with https; null for the system's.</summary>
    public X509Certificate2? Authority { get; init; }

    /// <summary>Value of the Host header.</summary>
    public string Host => Endpoint.IsDefaultPort ? Endpoint.Host : $"{Endpoint.Host}:{Endpoint.Port}";
}
