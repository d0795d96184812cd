using System.Text.Json;

namespace Vault.Client.Keys;

/// <summary>Where a user's own key files of one cluster are.</summary>
/// <param name="configDirectory">The user's configuration directory for Vault.</param>
/// <param name="clusterId">The cluster's id, as its data directory names it.</param>
public sealed class ClientDirectory(string configDirectory, string clusterId)
{
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>The directory.</summary>
    public string Path { get; } = System.IO.Path.Combine(configDirectory, clusterId);

    /// <summary>The operator's macaroon file.</summary>
    public string AdminTokenPath => System.IO.Path.Combine(Path, "admin.macaroon");

    /// <summary>The directory that belongs to a data directory.</summary>
    /// <exception cref="FileNotFoundException">Nothing was ever started there.</exception>
    public static ClientDirectory Of(string dataDirectory, string configDirectory)
    {
        var file = System.IO.Path.Combine(dataDirectory, "cluster_id");
        return File.Exists(file)
            ? new ClientDirectory(configDirectory, File.ReadAllText(file).Trim())
            : throw new FileNotFoundException(
                $"'{dataDirectory}' holds no Vault data: run `vault up --data {dataDirectory}` first.", file);
    }

    /// <summary>File of one project's owner.</summary>
    public string OwnerPath(string projectId) => System.IO.Path.Combine(Path, projectId + ".json");

    /// <summary>The owners known here, oldest first: the first is the one that the first start made.</summary>
    public IReadOnlyList<OwnerFile> Owners()
    {
        if (!Directory.Exists(Path)) return [];
        var files = new DirectoryInfo(Path).GetFiles("prj_*.json");
        Array.Sort(files, (a, b) => a.CreationTimeUtc.CompareTo(b.CreationTimeUtc));
        return Array.ConvertAll(files, f => Read(f.FullName));
    }

    /// <summary>Whether any owner's credential is kept here.</summary>
    public bool HasOwners =>
        Directory.Exists(Path) && Directory.EnumerateFiles(Path, "prj_*.json").Any();

    /// <summary>The operator's macaroon, or null when this user does not have it.</summary>
    public string? AdminToken() => File.Exists(AdminTokenPath) ? ReadPrivate(AdminTokenPath).Trim() : null;

    /// <summary>Writes an owner file, mode 0600, whole or not at all, synced.</summary>
    public void WriteOwner(OwnerFile owner)
    {
        Directory.CreateDirectory(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var temporary = OwnerPath(owner.ProjectId) + ".tmp";
        File.Delete(temporary);
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using (var file = new FileStream(temporary, options))
        {
            JsonSerializer.Serialize(file, owner, ClientJson.Default.OwnerFile);
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, OwnerPath(owner.ProjectId), overwrite: true);
    }

    private static OwnerFile Read(string path)
    {
        try
        {
            return OwnerFile.Parse(ReadPrivate(path));
        }
        catch (JsonException e)
        {
            throw new JsonException($"'{path}' is not an owner's credential", e);
        }
    }

    private static string ReadPrivate(string path) => (File.GetUnixFileMode(path) & Others) == 0
        ? File.ReadAllText(path)
        : throw new KeysExposedException(path);
}
