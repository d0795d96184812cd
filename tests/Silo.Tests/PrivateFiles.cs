namespace Vault.Silo.Tests;

internal static class PrivateFiles
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>The directory and all below it are 0700, every file is 0600.</summary>
    public static void AssertOwnersAlone(string directory)
    {
        Assert.Equal(Owner | UnixFileMode.UserExecute, File.GetUnixFileMode(directory));
        foreach (var path in Directory.GetFileSystemEntries(directory, "*", SearchOption.AllDirectories))
        {
            var expected = Directory.Exists(path) ? Owner | UnixFileMode.UserExecute : Owner;
            var actual = File.GetUnixFileMode(path);
            Assert.True(actual == expected, $"{path} is {actual}");
        }
    }
}
