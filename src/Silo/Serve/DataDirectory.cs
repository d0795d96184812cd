using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Vault.Silo.Keys;

namespace Vault.Silo.Serve;

/// <summary>
/// The data directory: <c>cluster_id</c>, <c>state.db</c>, <c>volume/</c>, and while a process runs, <c>vault.pid</c>
/// and <c>endpoints.json</c>.
/// </summary>
internal sealed class DataDirectory
{
    public DataDirectory(string path)
    {
        Path = System.IO.Path.GetFullPath(path);
        PrivateFile.EnsureDirectory(Path);
        ClusterId = ReadOrMakeClusterId();
    }

    public string Path { get; }

    public string ClusterId { get; }

    public string DatabasePath => System.IO.Path.Combine(Path, "state.db");

    /// <summary>False before the first start got as far as making the volume.</summary>
    public bool HasVolume => Directory.Exists(VolumePath);

    public string VolumePath => System.IO.Path.Combine(Path, "volume");

    /// <summary>Tells other programs of this user where the process listens.</summary>
    public void Announce(Uri s3, Uri? s3Tls, Uri control)
    {
        var endpoints = new JsonObject
        {
            ["s3"] = Text(s3),
            ["s3_tls"] = s3Tls is null ? null : Text(s3Tls),
            ["control"] = Text(control),
        };
        File.WriteAllText(System.IO.Path.Combine(Path, "endpoints.json"), endpoints.ToJsonString() + "\n");
        File.WriteAllText(PidPath, $"{Environment.ProcessId}\n");
    }

    public void Withdraw() => File.Delete(PidPath);

    public static string Text(Uri address) => address.ToString().TrimEnd('/');

    private string PidPath => System.IO.Path.Combine(Path, "vault.pid");

    private string ReadOrMakeClusterId()
    {
        var file = System.IO.Path.Combine(Path, "cluster_id");
        if (File.Exists(file)) return File.ReadAllText(file).Trim();
        var id = "clu_" + RandomNumberGenerator.GetHexString(20, lowercase: true);
        PrivateFile.Write(file, id + "\n");
        return id;
    }
}
