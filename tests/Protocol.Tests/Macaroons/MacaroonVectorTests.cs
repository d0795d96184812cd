using System.Text;
using System.Text.Json;
using Vault.Protocol.Macaroons;
using Vault.Protocol.Tests.Vectors;

namespace Vault.Protocol.Tests.Macaroons;

public sealed class MacaroonVectorTests
{
    private readonly JsonElement vectors = StorageVectors.Section("macaroon");

    [Fact]
    public void The_published_libmacaroons_example_is_reproduced()
    {
        var check = vectors.GetProperty("published_check");
        var macaroon = Macaroon.Create(
            check.Text("location"),
            Encoding.ASCII.GetBytes(check.Text("identifier")),
            Encoding.ASCII.GetBytes(check.Text("root_key")));

        Assert.Equal(check.Bytes("signature"), macaroon.Signature);
        Assert.Equal(check.Bytes("after_caveat_test_=_caveat"), macaroon.WithCaveat("test = caveat").Signature);
    }

    [Fact]
    public void The_chain_has_the_expected_signature_after_each_caveat()
    {
        var macaroon = Bare();
        foreach (var link in vectors.GetProperty("chain").EnumerateArray())
        {
            if (link.Text("after") != "identifier")
                macaroon = macaroon.WithCaveat(link.Text("after"));
            Assert.Equal(link.Bytes("signature"), macaroon.Signature);
        }

        Assert.Equal(vectors.Bytes("binary_v2"), macaroon.ToBytes());
        Assert.Equal(vectors.Text("text"), macaroon.ToText());
        Assert.Equal(StorageVectors.Section("s3_credentials").GetProperty("derived").Text("security_token"),
            macaroon.ToSecurityToken());
    }

    [Fact]
    public void The_root_key_is_derived_from_the_master_key()
    {
        var root = new byte[32];
        Assert.True(Keys().TryDeriveRootKey(vectors.Bytes("identifier"), root));
        Assert.Equal(vectors.Bytes("root_key"), root);
    }

    [Fact]
    public void The_text_is_read_back_and_verified()
    {
        Assert.True(Macaroon.TryParse(vectors.Text("text"), out var macaroon));
        Assert.Equal(vectors.Bytes("binary_v2"), macaroon!.ToBytes());
        Assert.Equal(CapabilityOutcome.Ok, new CapabilityVerifier(Keys()).Verify(macaroon, [], out var capability));
        Assert.Equal("prj_7f3a", capability!.ProjectId);
        Assert.Equal(1_048_576, capability.MaxSize);
        Assert.Equal(new DateTimeOffset(2026, 12, 31, 23, 59, 59, TimeSpan.Zero), capability.NotAfter);
        Assert.Equal(8, capability.TailCount);
    }

    [Fact]
    public void A_third_party_caveat_gives_the_expected_bytes()
    {
        var third = vectors.GetProperty("third_party");
        var macaroon = ThirdParty(third);

        Assert.Equal(third.Bytes("vid"), macaroon.Caveats[1].VerificationId);
        Assert.Equal(third.Bytes("signature_after"), macaroon.Signature);
        Assert.Equal(third.Bytes("binary_v2"), macaroon.ToBytes());
    }

    [Fact]
    public void A_bound_discharge_has_the_expected_bytes_and_satisfies_the_verifier()
    {
        var third = vectors.GetProperty("third_party");
        var root = ThirdParty(third);
        var discharge = Macaroon
            .Create("https://login.example", third.Bytes("cid"), third.Bytes("caveat_key"))
            .WithCaveat("not-after = 2026-01-01T00:10:00Z");
        Assert.Equal(third.Bytes("discharge_signature_unbound"), discharge.Signature);

        var bound = discharge.BindTo(root);
        Assert.Equal(third.Bytes("discharge_signature_bound"), bound.Signature);
        Assert.Equal(third.Bytes("discharge_bound_binary_v2"), bound.ToBytes());

        var verifier = new CapabilityVerifier(Keys());
        Assert.Equal(CapabilityOutcome.Ok, verifier.Verify($"{root.ToText()},{bound.ToText()}", out var capability));
        Assert.Equal(new DateTimeOffset(2026, 1, 1, 0, 10, 0, TimeSpan.Zero), capability!.NotAfter);
        Assert.Equal(CapabilityOutcome.BadSignature, verifier.Verify(root, [discharge], out _));
        Assert.Equal(CapabilityOutcome.MissingDischarge, verifier.Verify(root, [], out _));
        Assert.Equal(CapabilityOutcome.UnusedDischarge, verifier.Verify(root, [bound, bound], out _));
    }

    [Fact]
    public void A_security_token_yields_the_signature_that_was_left_out()
    {
        var derived = StorageVectors.Section("s3_credentials").GetProperty("derived");
        Assert.True(Macaroon.TryParse(derived.Text("security_token"), out var token));
        Assert.False(token!.HasSignature);

        var verifier = new CapabilityVerifier(Keys());
        Assert.Equal(CapabilityOutcome.Ok, verifier.RecomputeToken(token, [], out var capability, out var proof));
        Assert.Equal(derived.Bytes("macaroon_signature"), proof!.Signature);
        Assert.Equal("prj_7f3a", capability!.ProjectId);
        Assert.Equal(CapabilityOutcome.SignatureMissing, verifier.Verify(token, [], out _));
        Assert.True(Macaroon.TryParse(vectors.Text("text"), out var whole));
        Assert.Equal(CapabilityOutcome.SignaturePresent, verifier.RecomputeToken(whole!, [], out _, out _));
    }

    private MacaroonKeys Keys() =>
        new(new Dictionary<uint, byte[]> { [1] = vectors.Bytes("master_key") }, 1);

    private Macaroon Bare() =>
        Macaroon.Create(vectors.Text("location"), vectors.Bytes("identifier"), vectors.Bytes("root_key"));

    private Macaroon ThirdParty(JsonElement third) => Bare()
        .WithCaveat("project = prj_7f3a")
        .WithThirdPartyCaveat(
            "https://login.example", third.Bytes("caveat_key"), third.Bytes("cid"), third.Bytes("nonce"));
}
