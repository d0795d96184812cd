using Vault.S3Gateway.Tests.Wire;

namespace Vault.S3Gateway.Tests.Replay;

/// <summary>The bodies that conversations name; <c>part+rest</c> is one after the other.</summary>
internal static class Payloads
{
    private static readonly Dictionary<string, byte[]> Named = new()
    {
        ["nothing"] = [],
        ["small"] = "hello\n"u8.ToArray(),
        ["part"] = VaultFixture.Bytes(5 << 20, 3),
        ["rest"] = VaultFixture.Bytes(611_392, 4),
    };

    public static byte[] Of(string names) => [.. names.Split('+').SelectMany(name => Named[name])];
}
