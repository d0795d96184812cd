using System.Security.Cryptography;

namespace Vault.Protocol.Macaroons;

/// <summary>Proves macaroons with the cluster's master keys. Immutable, safe for several threads.</summary>
/// <remarks>
/// docs/spec/macaroons.md, section 4. Revocation and activity of the project are the caller's to check.
/// </remarks>
public sealed class CapabilityVerifier(MacaroonKeys keys)
{
    /// <summary>Deepest nesting of discharges.</summary>
    public const int MaxDischargeDepth = 4;

    /// <summary>Proves a bearer token: a macaroon and its bound discharges, separated by commas.</summary>
    public CapabilityOutcome Verify(ReadOnlySpan<char> text, out VerifiedCapability? capability)
    {
        capability = null;
        return Macaroon.TryParseList(text, out var list)
            ? Verify(list[0], [.. list.Skip(1)], out capability)
            : CapabilityOutcome.Malformed;
    }

    /// <summary>Proves a macaroon and its bound discharges.</summary>
    public CapabilityOutcome Verify(
        Macaroon root, ReadOnlySpan<Macaroon> discharges, out VerifiedCapability? capability)
    {
        capability = null;
        if (!AllHave(root, discharges, signature: true))
            return CapabilityOutcome.SignatureMissing;
        var outcome = Recompute(root, discharges, out var read, out var proof);
        if (outcome != CapabilityOutcome.Ok)
            return outcome;
        using (proof)
        {
            if (!Matches(root, discharges, proof!))
                return CapabilityOutcome.BadSignature;
        }

        capability = read;
        return CapabilityOutcome.Ok;
    }

    /// <summary>
    /// Computes what the signatures of a security token (a macaroon and discharges whose signatures were left out)
    /// must be. The caller then demands proof of possession: a request signed with a secret made from them.
    /// </summary>
    public CapabilityOutcome RecomputeToken(
        Macaroon root,
        ReadOnlySpan<Macaroon> discharges,
        out VerifiedCapability? capability,
        out MacaroonProof? proof)
    {
        capability = null;
        proof = null;
        return AllHave(root, discharges, signature: false)
            ? Recompute(root, discharges, out capability, out proof)
            : CapabilityOutcome.SignaturePresent;
    }

    private static bool AllHave(Macaroon root, ReadOnlySpan<Macaroon> discharges, bool signature)
    {
        foreach (var discharge in discharges)
        {
            if (discharge.HasSignature != signature)
                return false;
        }

        return root.HasSignature == signature;
    }

    private static bool Matches(Macaroon root, ReadOnlySpan<Macaroon> discharges, MacaroonProof proof)
    {
        var matches = CryptographicOperations.FixedTimeEquals(proof.Signature.Span, root.Signature.Span);
        Span<byte> bound = stackalloc byte[Macaroon.SignatureBytes];
        for (var i = 0; i < discharges.Length; i++)
        {
            MacaroonChain.Bind(root.Signature.Span, proof.DischargeSignature(i).Span, bound);
            matches &= CryptographicOperations.FixedTimeEquals(bound, discharges[i].Signature.Span);
        }

        return matches;
    }

    private CapabilityOutcome Recompute(
        Macaroon root,
        ReadOnlySpan<Macaroon> discharges,
        out VerifiedCapability? capability,
        out MacaroonProof? proof)
    {
        capability = null;
        proof = null;
        Span<byte> key = stackalloc byte[Macaroon.SignatureBytes];
        if (!keys.TryDeriveRootKey(root.IdentifierBytes, key))
            return CapabilityOutcome.UnknownKey;
        MacaroonChain.DeriveKey(key, key);
        var walk = new ChainWalk(root, discharges);
        var outcome = walk.Run(key);
        CryptographicOperations.ZeroMemory(key);
        if (outcome == CapabilityOutcome.Ok)
            (capability, proof) = (walk.Capability(), walk.Proof);
        else
            walk.Proof.Dispose();
        return outcome;
    }
}
