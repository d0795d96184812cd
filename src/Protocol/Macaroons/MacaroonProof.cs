using System.Security.Cryptography;

namespace Vault.Protocol.Macaroons;

/// <summary>The signatures that a macaroon and its discharges must have, computed from a master key. Secret.</summary>
public sealed class MacaroonProof : IDisposable
{
    private readonly byte[] signatures;

    internal MacaroonProof(int discharges) => signatures = new byte[(1 + discharges) * Macaroon.SignatureBytes];

    /// <summary>The macaroon's final signature.</summary>
    public ReadOnlyMemory<byte> Signature => signatures.AsMemory(0, Macaroon.SignatureBytes);

    /// <summary>The unbound final signatures of all discharges, in the order in which they were given.</summary>
    public ReadOnlyMemory<byte> DischargeSignatures => signatures.AsMemory(Macaroon.SignatureBytes);

    /// <summary>The unbound final signature of one discharge.</summary>
    public ReadOnlyMemory<byte> DischargeSignature(int index) => Slot(index + 1);

    /// <summary>Clears the signatures.</summary>
    public void Dispose() => CryptographicOperations.ZeroMemory(signatures);

    /// <summary>Nothing secret.</summary>
    public override string ToString() => "MacaroonProof(redacted)";

    internal Memory<byte> Slot(int index) =>
        signatures.AsMemory(index * Macaroon.SignatureBytes, Macaroon.SignatureBytes);
}
