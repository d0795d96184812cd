using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Vault.Protocol.Ids;

/// <summary>
/// How S3 names a project as an owner (decisions §6.3): a canonical id and a 12-digit account id made from it.
/// </summary>
/// <param name="CanonicalId">64 hex digits: SHA-256("vault owner" ‖ project id).</param>
/// <param name="AccountId">12 decimal digits: the first 8 bytes of that hash, modulo 10^12.</param>
public sealed record OwnerIdentity(string CanonicalId, string AccountId)
{
    /// <summary>The names of a project.</summary>
    public static OwnerIdentity Of(ProjectId projectId)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes("vault owner" + projectId.Value));
        var account = BinaryPrimitives.ReadUInt64BigEndian(hash) % 1_000_000_000_000;
        return new OwnerIdentity(Convert.ToHexStringLower(hash), account.ToString("D12", CultureInfo.InvariantCulture));
    }
}
