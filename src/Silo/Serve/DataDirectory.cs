using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Vault.Silo.Cluster;
using Vault.Silo.Keys;

namespace Vault.Silo.Serve;

/// <summary>
/// The data directory: <c>cluster_id</c>, <c>state.db</c>, <c>volume/</c>, and while a process runs, <c>vault.pid</c>
/// and <c>endpoints.json</c>.
/// </summary>
internal sealed class DataDirectory
{
    /// <summary>Opens the directory, or makes it.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="clusterId">The id to write into a fresh directory; null draws one.</param>
    public DataDirectory(string path, string? clusterId = null)
    {
        Path = System.IO.Path.GetFullPath(path);
        if (File.Exists(System.IO.Path.Combine(Path, ClusterState.FileName)))
        {
            throw new SetupException(
                $"'{Path}' belongs to a cluster, and `vault cluster down` would remove it with what is in it. Name "
                + "another directory with --data.");
        }

        try
        {
            PrivateFile.EnsureDirectory(Path);
            ClusterId = ReadOrWriteClusterId(clusterId ?? NewClusterId());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SetupException(
                $"the data directory '{Path}' cannot be used: {Reason(e)} Name another directory with --data.");
        }
    }

    public string Path { get; }

    public string ClusterId { get; }

    public string DatabasePath => DatabasePathOf(Path);

    /// <summary>False before the first start got as far as making the volume.</summary>
    public bool HasVolume => HoldsVolume(Path);

    public string VolumePath => VolumePathOf(Path);

    /// <summary>The id of the cluster whose data is there, or null before the first start.</summary>
    public static string? ReadClusterId(string path) =>
        File.Exists(IdPathOf(path)) ? File.ReadAllText(IdPathOf(path)).Trim() : null;

    /// <summary>Whether the first start got as far as making the volume.</summary>
    public static bool HoldsVolume(string path) => Directory.Exists(VolumePathOf(path));

    /// <summary>Tells other programs of this user where the process listens.</summary>
    public void Announce(Uri? s3, Uri? s3Tls, Uri control)
    {
        var endpoints = new JsonObject
        {
            ["s3"] = s3 is null ? null : Text(s3),
            ["s3_tls"] = s3Tls is null ? null : Text(s3Tls),
            ["control"] = Text(control),
        };
        File.WriteAllText(System.IO.Path.Combine(Path, "endpoints.json"), endpoints.ToJsonString() + "\n");
        File.WriteAllText(PidPath, $"{Environment.ProcessId}\n");
    }

    public void Withdraw() => File.Delete(PidPath);

    public static string Text(Uri address) => address.ToString().TrimEnd('/');

    private string PidPath => System.IO.Path.Combine(Path, "vault.pid");

    /// <summary>Why, where the framework's own words would mislead.</summary>
    private string Reason(Exception e) => e switch
    {
        _ when File.Exists(Path) => "it is a file.",
        FileNotFoundException or DirectoryNotFoundException => "it cannot be made.",
        _ => e.Message.TrimEnd('.') + ".",
    };

    /// <summary>The id of a cluster that nobody has seen yet.</summary>
    public static string NewClusterId() => "clu_" + RandomNumberGenerator.GetHexString(20, lowercase: true);

    private string ReadOrWriteClusterId(string id)
    {
        if (ReadClusterId(Path) is { } known) return known;

        // Of two first starts at once the first to publish decides for both.
        PrivateFile.WriteNew(IdPathOf(Path), id + "\n");
        return ReadClusterId(Path)!;
    }

    public static string DatabasePathOf(string path) => System.IO.Path.Combine(path, "state.db");

    private static string IdPathOf(string path) => System.IO.Path.Combine(path, "cluster_id");

    private static string VolumePathOf(string path) => System.IO.Path.Combine(path, "volume");
}
