using System.Text.Json;
using Vault.Silo.Keys;
using Vault.Silo.Serve;

namespace Vault.Silo.Cluster;

/// <summary>Where a cluster's files are.</summary>
internal sealed class ClusterDirectory(string path)
{
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(20);

    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>Keys and credentials.</summary>
    public string Config => System.IO.Path.Combine(Path, "config");

    public string ClusterKeys => System.IO.Path.Combine(Config, "cluster-keys.json");

    public string ClusterSecret => System.IO.Path.Combine(Config, "cluster-secret");

    /// <summary>The authority and the certificate of the processes.</summary>
    public string Certificates => System.IO.Path.Combine(Config, "tls");

    public bool Exists => File.Exists(StatePath);

    /// <summary>A silo's data.</summary>
    public string DataOf(string name) => System.IO.Path.Combine(Path, "data", name);

    public string LogOf(string name) => System.IO.Path.Combine(Path, "log", name + ".log");

    /// <exception cref="SetupException">There is no cluster.</exception>
    public ClusterState Read()
    {
        if (PrivateFile.Read(StatePath) is not { } text)
            throw new SetupException($"no cluster in '{Path}': run `vault cluster up --dir {Path}`");
        try
        {
            return JsonSerializer.Deserialize(text, ClusterJson.Default.ClusterState)
                ?? throw new JsonException("it is null");
        }
        catch (JsonException e)
        {
            throw new SetupException(
                $"'{StatePath}' is damaged ({e.Message}): end the cluster's processes by hand "
                + $"(`pgrep -af {Path}` shows them), then remove '{Path}'");
        }
    }

    /// <summary>Removes all but what says what there is.</summary>
    public void RemoveFiles()
    {
        foreach (var directory in Directory.Exists(Path) ? Directory.GetDirectories(Path) : [])
            ClusterDown.Remove(directory);
    }

    public void Write(ClusterState state) =>
        PrivateFile.Write(StatePath, JsonSerializer.Serialize(state, ClusterJson.Default.ClusterState));

    /// <summary>Reads, changes and writes the state while no other command does.</summary>
    public async Task ChangeAsync(Func<ClusterState, Task> change, CancellationToken cancellationToken)
    {
        _ = Read(); // nothing is made where there is no cluster
        await using var held = await LockAsync(cancellationToken);
        var state = Read();
        await change(state);
        Write(state);
    }

    private string StatePath => System.IO.Path.Combine(Path, ClusterState.FileName);

    private async Task<FileStream> LockAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return new FileStream(
                    System.IO.Path.Combine(Path, "lock"), FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
            }
            catch (IOException) when (Directory.Exists(Path))
            {
                await Task.Delay(Retry, cancellationToken); // another command holds it
            }
        }
    }
}
