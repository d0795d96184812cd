using Vault.Protocol.Macaroons;

namespace Vault.Protocol.Tests.Macaroons;

internal static class TestCapabilities
{
    public static MacaroonKeys Keys(uint active = 7) => new(
        new Dictionary<uint, byte[]>
        {
            [7] = [.. Enumerable.Repeat((byte)7, 32)],
            [8] = [.. Enumerable.Repeat((byte)8, 32)],
        },
        active);

    public static VerifiedCapability Verified(params string[] caveats)
    {
        var keys = Keys();
        Assert.Equal(
            CapabilityOutcome.Ok,
            new CapabilityVerifier(keys).Verify(keys.Mint("https://control.example", caveats), [], out var capability));
        return capability!;
    }
}
