using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Vault.Client.Control;
using Vault.Client.Keys;
using Vault.ControlPlane;
using Vault.Protocol.Macaroons;
using Vault.Silo.FirstStart;
using Vault.Silo.Keys;
using Vault.Silo.Serve;

namespace Vault.Silo.Cluster;

/// <summary>
/// The first tenant, project and owner of a cluster of many processes, made through its control plane; the files are
/// those that <c>vault up</c> writes. A directory with <c>cluster_id</c> and <c>endpoints.json</c> stands for the
/// cluster, as a data directory does for a process alone.
/// </summary>
internal sealed class ClusterOwner(string directory, string configDirectory, string clusterKeys, Uri control, Uri s3)
{
    /// <summary>Makes what is not there yet. Safe to repeat.</summary>
    public async Task<Owner> EnsureAsync(CancellationToken cancellationToken)
    {
        var mark = Path.Combine(directory, "cluster_id");
        if (!File.Exists(mark)) PrivateFile.Write(mark, DataDirectory.NewClusterId() + "\n");
        var endpoints = new JsonObject
        {
            ["s3"] = DataDirectory.Text(s3),
            ["s3_tls"] = null,
            ["control"] = DataDirectory.Text(control),
        };
        PrivateFile.Write(Path.Combine(directory, "endpoints.json"), endpoints.ToJsonString() + "\n");
        var files = ClientDirectory.Of(directory, configDirectory);
        PrivateFile.EnsureDirectory(files.Path);
        var token = AdminToken(files);
        if (files.Owners() is { Count: > 0 } owners)
            return new Owner(owners[0], files.OwnerPath(owners[0].ProjectId), null);
        using var client = new ControlClient(control, token);
        var tenant = await EnsureTenantAsync(client, cancellationToken);
        var answer = await client.SendAsync(
            HttpMethod.Post, "/v1/projects",
            new JsonObject
            {
                ["tenant_id"] = tenant,
                ["name"] = "default",
                ["billing_email"] =
                    $"owner-{RandomNumberGenerator.GetHexString(12, lowercase: true)}@localhost.invalid",
            },
            cancellationToken);
        var file = new OwnerFile
        {
            ProjectId = (string)answer["project"]!["project_id"]!,
            ProjectName = "default",
            AccessKeyId = (string)answer["credential"]!["access_key_id"]!,
            SecretAccessKey = (string)answer["credential"]!["secret_access_key"]!,
            Endpoint = DataDirectory.Text(s3),
            Control = DataDirectory.Text(control),
        };
        files.WriteOwner(file);
        return new Owner(file, files.OwnerPath(file.ProjectId), (string)answer["recovery_key"]!);
    }

    private static async Task<string> EnsureTenantAsync(ControlClient client, CancellationToken cancellationToken)
    {
        var known = await client.SendAsync(HttpMethod.Get, "/v1/tenants?limit=1", null, cancellationToken);
        if (known["tenants"]!.AsArray() is { Count: > 0 } tenants) return (string)tenants[0]!["tenant_id"]!;
        var made = await client.SendAsync(
            HttpMethod.Post, "/v1/tenants",
            new JsonObject { ["name"] = "default", ["owner_email"] = "operator@localhost.invalid" }, cancellationToken);
        return (string)made["tenant"]!["tenant_id"]!;
    }

    private string AdminToken(ClientDirectory files)
    {
        if (files.AdminToken() is { } known) return known;
        using var keys = ClusterKeysFile.LoadNamed(clusterKeys);
        var token = ControlPlaneServices.MacaroonMasters(keys)
            .Mint(null, [Caveat.Operations(CapabilityOperations.Admin | CapabilityOperations.Mint)]).ToText();
        PrivateFile.Write(files.AdminTokenPath, token + "\n");
        return token;
    }
}
