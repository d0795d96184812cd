using System.Text.Json.Nodes;
using Vault.Silo.FirstStart;
using Vault.Silo.Serve;

namespace Vault.Silo.Cluster;

/// <summary>What <c>up</c> and <c>status</c> print.</summary>
internal static class ClusterReport
{
    public static void Up(ClusterState state, Owner owner, bool json)
    {
        Terminal.ShowLast(owner.RecoveryKey is { } recovery
            ? $"Recovery key, shown this once; keep it off this machine: {recovery}"
            : null);
        var gateways = state.Processes.Where(p => p.ServesS3).Select(Address).ToList();
        var control = Address(state.Processes.Find(p => p.ServesControl)!);
        if (json)
        {
            Console.Out.WriteLine(new JsonObject
            {
                ["dir"] = state.Directory,
                ["s3"] = new JsonArray([.. gateways.Select(g => JsonValue.Create(g))]),
                ["control"] = control,
                ["project_id"] = owner.File.ProjectId,
                ["access_key_id"] = owner.File.AccessKeyId,
                ["secret_access_key"] = owner.File.SecretAccessKey,
                ["region"] = owner.File.Region,
                ["processes"] = new JsonArray(
                    [.. state.Processes.Select(p => (JsonNode)Describe(p, p.IsVault ? true : null))]),
            }.ToJsonString());
            return;
        }

        Console.Out.WriteLine($"""
            The cluster runs: {string.Join(", ", state.Processes.Select(p => p.Name))}.
              S3 endpoints       {string.Join("  ", gateways)}
              Control plane      {control}
              Access key id      {owner.File.AccessKeyId}
              Secret access key  {owner.File.SecretAccessKey}
              Region             {owner.File.Region}
              Project            {owner.File.ProjectId}
              Directory          {state.Directory}
              Owner's keys       {owner.Path}

            Try it (each line works pasted as it is):
              export AWS_ENDPOINT_URL={gateways[0]} AWS_ACCESS_KEY_ID={owner.File.AccessKeyId} AWS_SECRET_ACCESS_KEY={owner.File.SecretAccessKey} AWS_DEFAULT_REGION={owner.File.Region}
              aws --endpoint-url {gateways[0]} s3 mb s3://first-bucket
              echo hello | aws --endpoint-url {gateways[0]} s3 cp - s3://first-bucket/hello.txt
              aws --endpoint-url {gateways[^1]} s3 cp s3://first-bucket/hello.txt -
              ./vault cluster kill {state.Processes.Find(p => p.IsVault)!.Name} --dir {state.Directory}
              ./vault cluster status --dir {state.Directory}
              ./vault cluster down --dir {state.Directory}

            ready
            """);
    }

    public static async Task StatusAsync(ClusterDirectory directory, bool json, CancellationToken cancellationToken)
    {
        var rows = new List<JsonObject>();
        foreach (var process in directory.Read().Processes)
        {
            var ready = process.IsVault && Daemon.StateOf(process) == "running"
                ? await ClusterHealth.IsReadyAsync(process, cancellationToken)
                : (bool?)null;
            rows.Add(Describe(process, ready));
        }

        if (json)
        {
            Console.Out.WriteLine(new JsonObject { ["processes"] = new JsonArray([.. rows]) }.ToJsonString());
            return;
        }

        foreach (var row in rows)
        {
            var ready = row["ready"] is { } value ? (bool)value ? "ready" : "not ready" : "";
            Console.Out.WriteLine(
                $"{(string)row["name"]!,-12} {(string?)row["state"] ?? "ended",-8} {row["worker_pid"],7}  "
                + $"{row["address"]}:{row["port"]}  {ready}");
        }
    }

    private static string Address(ClusterProcess process) => $"http://{process.Address}:{process.Port}";

    private static JsonObject Describe(ClusterProcess process, bool? ready) => new()
    {
        ["name"] = process.Name,
        ["kind"] = process.Kind.ToString().ToLowerInvariant(),
        ["state"] = Daemon.StateOf(process),
        ["ready"] = ready,
        ["pid"] = process.Pid,
        ["worker_pid"] = Daemon.StateOf(process) is null ? null : Daemon.Worker(process),
        ["address"] = process.Address,
        ["port"] = process.Port,
        ["tls_port"] = process.TlsPort,
        ["control"] = process.IsVault ? DataDirectory.Text(ClusterHealth.Control(process)) : null,
        ["log"] = process.Name + ".log",
    };
}
