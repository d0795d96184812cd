using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Vault.Protocol.Text;

namespace Vault.Protocol.Credentials;

/// <summary>
/// S3 credentials that follow from a macaroon alone, carried with the token in the slot of temporary credentials.
/// Nothing is stored; the token travels without its signature, which is what the secret is derived from.
/// </summary>
/// <remarks>docs/spec/credentials.md, section 6.</remarks>
public sealed class DerivedCredential : IDisposable
{
    /// <summary>Characters in the access key id.</summary>
    public const int IdLength = 35;

    private const int SignatureSize = 32;
    private const int IdHashSize = 20;

    private DerivedCredential(string accessKeyId, SecretAccessKey secret)
    {
        AccessKeyId = accessKeyId;
        Secret = secret;
    }

    /// <summary><c>SNT</c> and 32 characters of base32; not secret, names the token's signature.</summary>
    public string AccessKeyId { get; }

    /// <summary>Secret access key; owned.</summary>
    public SecretAccessKey Secret { get; }

    /// <summary>The credential of a token.</summary>
    /// <param name="signature">The macaroon's final signature, 32 bytes.</param>
    /// <param name="dischargeSignatures">Unbound final signatures of its discharges, concatenated; may be
    /// empty.</param>
    public static DerivedCredential FromSignature(
        ReadOnlySpan<byte> signature, ReadOnlySpan<byte> dischargeSignatures = default)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(signature.Length, SignatureSize, nameof(signature));
        ArgumentOutOfRangeException.ThrowIfNotEqual(
            dischargeSignatures.Length % SignatureSize, 0, nameof(dischargeSignatures));
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        using (var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, signature))
        {
            hmac.AppendData("snp1 s3 secret key v1"u8);
            hmac.AppendData(dischargeSignatures);
            hmac.GetHashAndReset(mac);
        }

        var secret = SecretAccessKey.FromAscii(Base64Url.EncodeToUtf8(mac));
        CryptographicOperations.ZeroMemory(mac);
        return new DerivedCredential(IdOf(signature), secret);
    }

    /// <summary>The token without its signature, for <c>x-amz-security-token</c>.</summary>
    /// <param name="macaroon">Binary form, ending in field 6 with 32 bytes.</param>
    /// <param name="token">Base64url text.</param>
    /// <returns>False when it does not end so.</returns>
    public static bool TryMakeSecurityToken(ReadOnlySpan<byte> macaroon, [NotNullWhen(true)] out string? token)
    {
        token = null;
        if (macaroon.Length < SignatureSize + 2 || !macaroon[..^SignatureSize].EndsWith("\x06\x20"u8))
        {
            return false;
        }

        var bare = macaroon[..^SignatureSize].ToArray();
        bare[^1] = 0;
        token = Base64Url.EncodeToString(bare);
        return true;
    }

    /// <summary>Wipes the secret.</summary>
    public void Dispose() => Secret.Dispose();

    /// <summary>The access key id.</summary>
    public override string ToString() => AccessKeyId;

    private static string IdOf(ReadOnlySpan<byte> signature)
    {
        ReadOnlySpan<byte> label = "snp1 s3 access key"u8;
        Span<byte> input = stackalloc byte[label.Length + SignatureSize];
        label.CopyTo(input);
        signature.CopyTo(input[label.Length..]);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(input, hash);
        CryptographicOperations.ZeroMemory(input);
        return "SNT" + Base32.Encode(hash[..IdHashSize]).ToUpperInvariant();
    }
}
