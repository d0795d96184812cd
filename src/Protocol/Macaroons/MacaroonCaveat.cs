using System.Text;

namespace Vault.Protocol.Macaroons;

/// <summary>One caveat as a macaroon carries it: its bytes are what the chain signs.</summary>
public sealed class MacaroonCaveat
{
    internal MacaroonCaveat(byte[]? location, byte[] id, byte[]? verificationId)
    {
        LocationBytes = location;
        IdBytes = id;
        VerificationIdBytes = verificationId;
    }

    /// <summary>The caveat's text (first party) or the discharge's identifier (third party).</summary>
    public ReadOnlyMemory<byte> Id => IdBytes;

    /// <summary>The sealed caveat key; empty for a first-party caveat.</summary>
    public ReadOnlyMemory<byte> VerificationId => VerificationIdBytes;

    /// <summary>Where a discharge can be had, or null.</summary>
    public string? Location => LocationBytes is null ? null : Encoding.UTF8.GetString(LocationBytes);

    /// <summary>True when another service must discharge it.</summary>
    public bool IsThirdParty => VerificationIdBytes is not null;

    internal byte[]? LocationBytes { get; }

    internal byte[] IdBytes { get; }

    internal byte[]? VerificationIdBytes { get; }

    /// <summary>The text of a first-party caveat.</summary>
    public override string ToString() => IsThirdParty ? $"third party at {Location}" : Encoding.UTF8.GetString(IdBytes);
}
