using System.Security.Cryptography;
using Vault.Protocol.Macaroons;

namespace Vault.Protocol.Tests.Macaroons;

public sealed class CapabilityVerifierTests
{
    private readonly MacaroonKeys keys = TestCapabilities.Keys();
    private readonly CapabilityVerifier verifier = new(TestCapabilities.Keys());

    [Fact]
    public void Every_flipped_bit_is_noticed()
    {
        var bytes = keys.Mint(null, ["project = prj_1", "ops = get"]).ToBytes();
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            if (Macaroon.TryDecode(bytes, out var macaroon))
                Assert.NotEqual(CapabilityOutcome.Ok, verifier.Verify(macaroon!, [], out _));
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void A_removed_caveat_is_noticed()
    {
        var macaroon = keys.Mint(null, ["project = prj_1"]);
        var narrow = macaroon.WithCaveat("ops = get");
        var widened = new Macaroon(
            null, macaroon.Identifier.ToArray(), [narrow.Caveats[0]], narrow.Signature.ToArray());
        Assert.Equal(CapabilityOutcome.BadSignature, verifier.Verify(widened, [], out _));
    }

    [Fact]
    public void Several_master_keys_verify_and_a_retired_one_does_not()
    {
        var old = TestCapabilities.Keys(active: 8).Mint(null, ["project = prj_1"]);
        Assert.Equal(CapabilityOutcome.Ok, verifier.Verify(old, [], out _));
        var without = new MacaroonKeys(new Dictionary<uint, byte[]> { [7] = new byte[32] }, 7);
        Assert.Equal(CapabilityOutcome.UnknownKey, new CapabilityVerifier(without).Verify(old, [], out _));
    }

    [Fact]
    public void Tails_of_an_ancestor_are_tails_of_its_descendants()
    {
        var parent = keys.Mint(null, ["project = prj_1"]);
        var child = parent.WithCaveat("ops = get").WithCaveat("bucket = a");
        verifier.Verify(parent, [], out var older);
        verifier.Verify(child, [], out var younger);

        Assert.Equal((2, 4), (older!.TailCount, younger!.TailCount));
        Assert.Equal(older.Tail(0), younger.Tail(0));
        Assert.Equal(older.Tail(1), younger.Tail(1));
        Assert.Equal(SHA256.HashData(child.Signature.Span), younger.Tail(3));
    }

    [Fact]
    public void Discharges_may_nest_four_deep_and_no_deeper()
    {
        Assert.Equal(CapabilityOutcome.Ok, Nested(4));
        Assert.Equal(CapabilityOutcome.TooDeep, Nested(5));
    }

    [Fact]
    public void Caveats_of_discharges_hold_too()
    {
        var root = keys.Mint(null, ["project = prj_1"]).WithThirdPartyCaveat(null, "shared"u8, "ticket"u8);
        var discharge = Macaroon.Create(null, "ticket"u8, "shared"u8).WithCaveat("ops = head").BindTo(root);
        Assert.Equal(CapabilityOutcome.Ok, verifier.Verify(root, [discharge], out var capability));
        Assert.Equal(CapabilityOperations.Head, capability!.Operations);
    }

    [Fact]
    public void A_discharge_made_with_another_key_is_refused()
    {
        var root = keys.Mint(null, ["project = prj_1"]).WithThirdPartyCaveat(null, "shared"u8, "ticket"u8);
        var discharge = Macaroon.Create(null, "ticket"u8, "guessed"u8).BindTo(root);
        Assert.Equal(CapabilityOutcome.BadSignature, verifier.Verify(root, [discharge], out _));
    }

    [Fact]
    public void A_discharge_bound_to_another_macaroon_is_refused()
    {
        var root = keys.Mint(null, ["project = prj_1"]).WithThirdPartyCaveat(null, "shared"u8, "ticket"u8);
        var discharge = Macaroon.Create(null, "ticket"u8, "shared"u8).BindTo(root);
        Assert.Equal(
            CapabilityOutcome.BadSignature, verifier.Verify(root.WithCaveat("ops = get"), [discharge], out _));
    }

    [Fact]
    public void A_security_token_with_discharges_yields_all_unbound_signatures_in_order()
    {
        var root = keys.Mint(null, ["project = prj_1"])
            .WithThirdPartyCaveat(null, "a"u8, "first"u8).WithThirdPartyCaveat(null, "b"u8, "second"u8);
        var first = Macaroon.Create(null, "first"u8, "a"u8);
        var second = Macaroon.Create(null, "second"u8, "b"u8).WithCaveat("ops = get");
        Assert.True(Macaroon.TryParseList(
            $"{root.ToSecurityToken()},{second.ToSecurityToken()},{first.ToSecurityToken()}", out var list));

        Assert.Equal(
            CapabilityOutcome.Ok,
            verifier.RecomputeToken(list[0], [list[1], list[2]], out var capability, out var proof));
        Assert.Equal(root.Signature, proof!.Signature);
        Assert.Equal([.. second.Signature.Span, .. first.Signature.Span], proof.DischargeSignatures.ToArray());
        Assert.Equal(CapabilityOperations.Get, capability!.Operations);
    }

    [Fact]
    public void Minting_refuses_caveats_that_would_void_the_token() =>
        Assert.Throws<ArgumentException>(() => keys.Mint(null, ["colour = blue"]));

    [Fact]
    public void Minted_identifiers_differ() =>
        Assert.NotEqual(keys.Mint(null, []).Identifier.ToArray(), keys.Mint(null, []).Identifier.ToArray());

    private CapabilityOutcome Nested(int depth)
    {
        var root = keys.Mint(null, ["project = prj_1"]).WithThirdPartyCaveat(null, "k1"u8, "t1"u8);
        var discharges = new Macaroon[depth];
        for (var i = 1; i <= depth; i++)
        {
            var discharge = Macaroon.Create(null, [(byte)'t', (byte)('0' + i)], [(byte)'k', (byte)('0' + i)]);
            if (i < depth)
                discharge = discharge.WithThirdPartyCaveat(
                    null, [(byte)'k', (byte)('1' + i)], [(byte)'t', (byte)('1' + i)]);
            discharges[i - 1] = discharge.BindTo(root);
        }

        return verifier.Verify(root, discharges, out _);
    }
}
