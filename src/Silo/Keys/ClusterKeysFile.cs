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
        var path = Path.Combine(
            new ClientDirectory(Path.GetFullPath(configDirectory), clusterId).Path, "cluster-keys.json");
        if (PrivateFile.Read(path) is { } text)
        {
            return ClusterKeys.TryParse(Encoding.UTF8.GetBytes(text), out var keys, out var fault)
                ? keys
                : throw new SetupException(
                    $"'{path}' is not a cluster key file: {fault}. Restore it from your backup.");
        }

        if (!isNew)
        {
            throw new SetupException(
                $"'{path}' is missing, and without it no credential of this cluster opens. Restore it from your "
                + "backup, or name its directory with --keys.");
        }

        var fresh = ClusterKeys.Generate();
        var json = fresh.ToJson();
        PrivateFile.Write(path, Encoding.UTF8.GetString(json));
        CryptographicOperations.ZeroMemory(json);
        return fresh;
    }
}
