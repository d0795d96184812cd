using System.Security.Cryptography;
using System.Text;
using Vault.Client.Keys;
using Vault.Protocol.Credentials;
using Vault.Silo.Serve;

namespace Vault.Silo.Keys;

/// <summary>
/// The cluster's own keys: <c>cluster-keys.json</c> in the user's configuration directory, never beside the data
/// (decisions §5.5).
/// </summary>
internal static class ClusterKeysFile
{
    /// <summary>Reads the keys, or makes them when the cluster is new.</summary>
    /// <param name="configDirectory">The user's configuration directory.</param>
    /// <param name="clusterId">The cluster.</param>
    /// <param name="isNew">True when the data directory holds no database yet; otherwise missing keys are an error, not
    /// a reason to make others.</param>
    public static ClusterKeys LoadOrCreate(string configDirectory, string clusterId, bool isNew)
    {
        if (Load(configDirectory, clusterId) is { } known) return known;
        var path = PathOf(configDirectory, clusterId);
        if (!isNew)
        {
            var (what, remedy) = Missing(path);
            throw new SetupException($"{what}. {remedy}.");
        }

        return Make(path);
    }

    /// <summary>Makes a cluster's keys and writes them.</summary>
    public static ClusterKeys Make(string path)
    {
        var fresh = ClusterKeys.Generate();
        var json = fresh.ToJson();
        PrivateFile.Write(path, Encoding.UTF8.GetString(json));
        CryptographicOperations.ZeroMemory(json);
        return fresh;
    }

    /// <summary>Reads the keys from the file that the settings name.</summary>
    /// <exception cref="SetupException">It is not there, others may read it, or it is damaged.</exception>
    public static ClusterKeys LoadNamed(string path) => PrivateFile.ReadShared(path) is { } text
        ? Parse(path, text)
        : throw new SetupException($"Vault:ClusterKeysFile names '{path}', which does not exist.");

    /// <summary>Reads the keys; null when there is no such file.</summary>
    /// <exception cref="SetupException">Others may read it, or it is damaged.</exception>
    public static ClusterKeys? Load(string configDirectory, string clusterId)
    {
        var path = PathOf(configDirectory, clusterId);
        return PrivateFile.Read(path) is { } text ? Parse(path, text) : null;
    }

    public static string PathOf(string configDirectory, string clusterId) => Path.Combine(
        new ClientDirectory(Path.GetFullPath(configDirectory), clusterId).Path, "cluster-keys.json");

    /// <summary>What it means that the keys of a cluster with data are gone, and what to do.</summary>
    public static (string What, string Remedy) Missing(string path) =>
        ($"'{path}' is missing, and without it no credential of this cluster opens",
            "Restore it from your backup, or name its directory with --keys");

    private static ClusterKeys Parse(string path, string text) =>
        ClusterKeys.TryParse(Encoding.UTF8.GetBytes(text), out var keys, out var fault)
            ? keys
            : throw new SetupException($"'{path}' is not a cluster key file: {fault}. Restore it from your backup.");
}
