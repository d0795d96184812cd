using System.Text;
using Vault.Protocol.SigV4;

namespace Vault.Protocol.Macaroons;

/// <summary>
/// The text of a first-party caveat, <c>name = value</c>, read and known to be one that we understand.
/// </summary>
/// <param name="Name">Lower-case letters, digits and hyphens.</param>
/// <param name="Value">Not empty, no space around it, at most 2,048 bytes, printable ASCII.</param>
public readonly record struct Caveat(string Name, string Value)
{
    /// <summary>Longest value.</summary>
    public const int MaxValueBytes = 2048;

    private const int MaxNameBytes = 32;

    /// <summary>Reads a caveat; false for unknown names and malformed values, so that they fail closed.</summary>
    public static bool TryParse(string text, out Caveat caveat) =>
        TrySplit(Encoding.UTF8.GetBytes(text), out caveat) && new CaveatRules.Builder().TryAdd(caveat);

    /// <summary><c>project = …</c>.</summary>
    public static string Project(string projectId) => $"project = {projectId}";

    /// <summary><c>tenant = …</c>.</summary>
    public static string Tenant(string tenantId) => $"tenant = {tenantId}";

    /// <summary><c>bucket = a,b</c>.</summary>
    public static string Buckets(params IEnumerable<string> names) => $"bucket = {string.Join(',', names)}";

    /// <summary><c>prefix = …</c>, percent-encoding each prefix.</summary>
    public static string Prefixes(params IEnumerable<string> prefixes) =>
        $"prefix = {string.Join(',', prefixes.Select(Escape))}";

    /// <summary><c>ops = …</c>.</summary>
    public static string Operations(CapabilityOperations operations) => $"ops = {OperationNames.Format(operations)}";

    /// <summary><c>not-before = …</c>, to the second.</summary>
    public static string NotBefore(DateTimeOffset time) => $"not-before = {CaveatTime.Format(time)}";

    /// <summary><c>not-after = …</c>, to the second.</summary>
    public static string NotAfter(DateTimeOffset time) => $"not-after = {CaveatTime.Format(time)}";

    /// <summary>The caveat's text.</summary>
    public override string ToString() => $"{Name} = {Value}";

    /// <summary>Splits by the grammar alone.</summary>
    internal static bool TrySplit(ReadOnlySpan<byte> bytes, out Caveat caveat)
    {
        caveat = default;
        var space = bytes.IndexOf((byte)' ');
        if (space is <= 0 or > MaxNameBytes || !bytes[space..].StartsWith(" = "u8))
            return false;
        var name = bytes[..space];
        var value = bytes[(space + 3)..];
        if (value.Length is 0 or > MaxValueBytes || value[0] == ' ' || value[^1] == ' '
            || value.ContainsAnyExceptInRange((byte)' ', (byte)'~'))
            return false;
        foreach (var b in name)
        {
            if (!char.IsAsciiLetterLower((char)b) && !char.IsAsciiDigit((char)b) && b != '-')
                return false;
        }

        caveat = new Caveat(Encoding.ASCII.GetString(name), Encoding.ASCII.GetString(value));
        return true;
    }

    private static string Escape(string prefix)
    {
        var text = new ByteBuilder(stackalloc byte[256]);
        UriText.AppendEncoded(ref text, Encoding.UTF8.GetBytes(prefix), isPath: true);
        var escaped = Encoding.ASCII.GetString(text.Written);
        text.Dispose();
        return escaped;
    }
}
