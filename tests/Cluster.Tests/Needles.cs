using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace Vault.Cluster.Tests;

/// <summary>Byte strings that must not be found, and all 16-byte runs of known plaintext.</summary>
internal sealed partial class Needles
{
    private const int Run = 16;

    private readonly Dictionary<ulong, UInt128> _runs = [];
    private readonly List<(string What, byte[] Bytes)> _strings = [];

    public void AddRuns(ReadOnlySpan<byte> plaintext)
    {
        for (var i = 0; i + Run <= plaintext.Length; i++)
        {
            _runs[BinaryPrimitives.ReadUInt64LittleEndian(plaintext[i..])] =
                BinaryPrimitives.ReadUInt128LittleEndian(plaintext[i..]);
        }
    }

    public void Add(string what, byte[] bytes) => _strings.Add((what, bytes));

    /// <summary>A digest or key as raw bytes, hex of either case, and base64.</summary>
    public void AddForms(string what, ReadOnlySpan<byte> bytes)
    {
        Add($"raw {what}", bytes.ToArray());
        Add($"hex of a {what}", Encoding.ASCII.GetBytes(Convert.ToHexStringLower(bytes)));
        Add($"HEX of a {what}", Encoding.ASCII.GetBytes(Convert.ToHexString(bytes)));
        Add($"base64 of a {what}", Encoding.ASCII.GetBytes(Convert.ToBase64String(bytes).TrimEnd('=')));
    }

    /// <summary>Searches every file below a directory.</summary>
    public void AssertAbsent(string directory)
    {
        var files = Directory.GetFiles(directory, "*", SearchOption.AllDirectories);
        Assert.Contains(files, f => f.EndsWith("cluster_id", StringComparison.Ordinal));
        foreach (var file in files) Search(Path.GetRelativePath(directory, file), File.ReadAllBytes(file));
    }

    /// <summary>Searches a textual dump and the bytes its hex stands for.</summary>
    public void AssertAbsent(string name, string dump)
    {
        Search(name, Encoding.UTF8.GetBytes(dump));
        Search(name + ", hex decoded", Decode(dump));
    }

    /// <summary>Searches bytes.</summary>
    public void AssertAbsent(string name, byte[] bytes) => Search(name, bytes);

    public static byte[] Decode(string dump)
    {
        using var bytes = new MemoryStream();
        foreach (Match hex in HexLiteral().Matches(dump)) bytes.Write(Convert.FromHexString(hex.Groups[1].Value));
        return bytes.ToArray();
    }

    private void Search(string where, ReadOnlySpan<byte> haystack)
    {
        foreach (var (what, bytes) in _strings)
        {
            var at = haystack.IndexOf(bytes);
            Assert.True(at < 0, $"{what} stands in {where} at {at}");
        }

        for (var i = 0; i + Run <= haystack.Length; i++)
        {
            ref var run = ref CollectionsMarshal.GetValueRefOrNullRef(
                _runs, BinaryPrimitives.ReadUInt64LittleEndian(haystack[i..]));
            var found = !System.Runtime.CompilerServices.Unsafe.IsNullRef(ref run)
                && run == BinaryPrimitives.ReadUInt128LittleEndian(haystack[i..]);
            Assert.False(found, $"16 bytes of plaintext stand in {where} at {i}");
        }
    }

    [GeneratedRegex(@"(?:X'|\\x)((?:[0-9a-fA-F]{2})+)")]
    private static partial Regex HexLiteral();
}
