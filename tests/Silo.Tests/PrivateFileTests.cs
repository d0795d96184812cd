using Vault.Silo.Keys;

namespace Vault.Silo.Tests;

/// <summary>Files that hold keys, or that two processes may make at once.</summary>
public sealed class PrivateFileTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("vault-private-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void What_another_process_has_made_stays()
    {
        var file = Path.Combine(_directory, "cluster_id");
        PrivateFile.WriteNew(file, "first");
        PrivateFile.WriteNew(file, "second");
        Assert.Equal("first", File.ReadAllText(file));
        Assert.Equal(file, Assert.Single(Directory.GetFileSystemEntries(_directory)));
        PrivateFile.Write(file, "third");
        Assert.Equal("third", File.ReadAllText(file));
    }
}
