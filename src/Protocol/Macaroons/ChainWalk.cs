using System.Security.Cryptography;
using System.Text;

namespace Vault.Protocol.Macaroons;

/// <summary>One pass over a macaroon and its discharges: chains, opened caveat keys, caveats, tails.</summary>
internal ref struct ChainWalk
{
    private const int Size = Macaroon.SignatureBytes;

    private readonly Macaroon root;
    private readonly ReadOnlySpan<Macaroon> discharges;
    private readonly bool[] used;
    private readonly byte[] tails;
    private readonly CaveatRules.Builder rules = new();
    private readonly List<string> caveats = [];

    public ChainWalk(Macaroon root, ReadOnlySpan<Macaroon> discharges)
    {
        this.root = root;
        this.discharges = discharges;
        used = new bool[discharges.Length];
        tails = new byte[(1 + root.Caveats.Count) * Size];
        Proof = new MacaroonProof(discharges.Length);
    }

    public MacaroonProof Proof { get; }

    public readonly CapabilityOutcome Run(ReadOnlySpan<byte> derivedRootKey)
    {
        var outcome = Follow(root, derivedRootKey, depth: 0, slot: 0);
        return outcome == CapabilityOutcome.Ok && used.Contains(false) ? CapabilityOutcome.UnusedDischarge : outcome;
    }

    public readonly VerifiedCapability Capability() => new(rules.Build(), tails, [.. caveats], [.. rules.Labels]);

    private readonly CapabilityOutcome Follow(Macaroon macaroon, ReadOnlySpan<byte> key, int depth, int slot)
    {
        if (depth > CapabilityVerifier.MaxDischargeDepth)
            return CapabilityOutcome.TooDeep;
        Span<byte> signature = stackalloc byte[Size];
        MacaroonChain.Begin(key, macaroon.IdentifierBytes, signature);
        NoteTail(depth, 0, signature);
        var index = 0;
        foreach (var caveat in macaroon.CaveatSpan)
        {
            var outcome = caveat.IsThirdParty ? Discharge(caveat, signature, depth) : Note(caveat);
            if (outcome != CapabilityOutcome.Ok)
                return outcome;
            MacaroonChain.Add(signature, caveat, signature);
            NoteTail(depth, ++index, signature);
        }

        signature.CopyTo(Proof.Slot(slot).Span);
        CryptographicOperations.ZeroMemory(signature);
        return CapabilityOutcome.Ok;
    }

    private readonly CapabilityOutcome Note(MacaroonCaveat caveat)
    {
        if (!rules.TryAdd(caveat.IdBytes))
            return CapabilityOutcome.UnknownCaveat;
        caveats.Add(Encoding.ASCII.GetString(caveat.IdBytes));
        return CapabilityOutcome.Ok;
    }

    private readonly CapabilityOutcome Discharge(MacaroonCaveat caveat, ReadOnlySpan<byte> signature, int depth)
    {
        Span<byte> key = stackalloc byte[Size];
        if (!ThirdPartyCaveats.TryOpen(signature, caveat.VerificationIdBytes, key))
            return CapabilityOutcome.MissingDischarge;
        var outcome = CapabilityOutcome.MissingDischarge;
        for (var i = 0; i < discharges.Length; i++)
        {
            if (used[i] || !discharges[i].IdentifierBytes.AsSpan().SequenceEqual(caveat.IdBytes))
                continue;
            used[i] = true;
            outcome = Follow(discharges[i], key, depth + 1, i + 1);
            break;
        }

        CryptographicOperations.ZeroMemory(key);
        return outcome;
    }

    /// <summary>Only the macaroon itself has tails.</summary>
    private readonly void NoteTail(int depth, int index, ReadOnlySpan<byte> signature)
    {
        if (depth == 0)
            SHA256.HashData(signature, tails.AsSpan(index * Size, Size));
    }
}
