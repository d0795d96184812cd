using System.Security.Cryptography;

namespace Vault.Clients.Tests;

/// <summary>
/// What the clients carry: 500 files of many sizes in nested folders, and one of 80 MiB, 200 with <c>--long</c>, which most
/// of them send in parts.
/// </summary>
internal sealed class Corpus
{
    private const int FileCount = 500;

    private readonly byte[] _largeHash;

    public Corpus(string directory)
    {
        Files = Path.Combine(directory, "files");
        Large = Path.Combine(directory, "large.bin");
        var random = new Random(20261121);
        for (var i = 0; i < FileCount; i++)
        {
            var folder = Path.Combine(Files, $"folder {i % 7}", $"Δ{i % 3}");
            Directory.CreateDirectory(folder);
            var size = i switch { 0 => 0, 1 => 1, 2 => 4096, 3 => 4097, 4 => 262_144, 5 => 262_145, _ =>
                random.Next(0, 20_000) };
            var bytes = new byte[size];
            random.NextBytes(bytes);
            File.WriteAllBytes(Path.Combine(folder, $"file {i:D3} a+b.bin"), bytes);
        }

        _largeHash = WriteRandom(Large, (IsLong ? 200 : 80) << 20, random);
    }

    public static bool IsLong => Environment.GetEnvironmentVariable("VAULT_TEST_LONG") == "1";

    public string Files { get; }

    public string Large { get; }

    /// <summary>Insists that a folder holds exactly the corpus' files, byte for byte.</summary>
    public void AssertSameFiles(string folder)
    {
        var expected = Names(Files);
        Assert.Equal(expected, Names(folder));
        foreach (var name in expected) AssertSame(Path.Combine(Files, name), Path.Combine(folder, name));
    }

    public void AssertSameLarge(string file) =>
        Assert.True(HashOf(file).AsSpan().SequenceEqual(_largeHash), $"{file} differs from {Large}");

    /// <summary>Writes a file block by block and returns its SHA-256.</summary>
    public static byte[] WriteRandom(string path, long bytes, Random random)
    {
        using var file = File.Create(path);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var block = new byte[1 << 20];
        for (var rest = bytes; rest > 0; rest -= block.Length)
        {
            random.NextBytes(block);
            var part = block.AsSpan(0, (int)Math.Min(rest, block.Length));
            hash.AppendData(part);
            file.Write(part);
        }

        return hash.GetHashAndReset();
    }

    /// <summary>The SHA-256 of a file.</summary>
    public static byte[] HashOf(string file)
    {
        using var stream = File.OpenRead(file);
        return SHA256.HashData(stream);
    }

    private static void AssertSame(string expected, string actual) =>
        Assert.True(HashOf(expected).AsSpan().SequenceEqual(HashOf(actual)), $"{actual} differs from {expected}");

    private static List<string> Names(string folder)
    {
        var names = Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(folder, f)).ToList();
        names.Sort(StringComparer.Ordinal);
        return names;
    }
}
