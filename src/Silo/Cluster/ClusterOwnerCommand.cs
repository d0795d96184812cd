using System.CommandLine;
using System.Security.Cryptography;
using Vault.Silo.FirstStart;
using Vault.Silo.Keys;
using Vault.Silo.Serve;

namespace Vault.Silo.Cluster;

/// <summary>
/// <c>vault cluster keys</c> and <c>vault cluster init</c>: what a cluster needs once that others run, such as an
/// orchestrator.
/// </summary>
internal static class ClusterOwnerCommand
{
    public static Command CreateKeys()
    {
        var file = new Option<string?>("--cluster-keys") { Description = "File to write the keys to" };
        var secret = new Option<string?>("--cluster-secret") { Description = "File to write a cluster secret to" };
        var tls = new Option<string?>("--tls")
        {
            Description = "Directory to write an authority and a certificate of the processes to; where the authority "
                + "is there already, a new certificate",
        };
        var command = new Command("keys", "Make the keys, the secret and the certificates of a new cluster")
        {
            file, secret, tls,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(file) is null && result.GetResult(tls) is null)
                result.AddError("cluster keys: name --cluster-keys FILE, or --tls DIRECTORY to renew a certificate");
        });
        command.SetAction((parse, _) => Startup.GuardAsync(() =>
        {
            foreach (var path in new[] { parse.GetValue(file), parse.GetValue(secret) })
            {
                if (File.Exists(path))
                    throw new SetupException($"'{path}' exists: a cluster's keys are made once and kept");
            }

            if (parse.GetValue(file) is { } keys) ClusterKeysFile.Make(Path.GetFullPath(keys)).Dispose();
            if (parse.GetValue(tls) is { } directory)
                ClusterCertificateFiles.Make(Path.GetFullPath(directory), TimeProvider.System);
            if (parse.GetValue(secret) is { } to)
                PrivateFile.Write(Path.GetFullPath(to), RandomNumberGenerator.GetHexString(64) + "\n");
            return Task.CompletedTask;
        }));
        return command;
    }

    public static Command Create()
    {
        var keys = new Option<string>("--cluster-keys")
        {
            Description = "File with the cluster's keys", Required = true,
        };
        var control = Address("--control", "Address of the control plane");
        var s3 = Address("--s3", "Address of the S3 gateways");
        var data = new Option<string>("--data")
        {
            Description = "Directory that stands for the cluster: the other verbs take it as --data", Required = true,
        };
        var config = new Option<string?>("--keys") { Description = "Directory of keys and credentials" };
        var command = new Command("init", "Make the first tenant, project and credential of a running cluster")
        {
            keys, control, s3, data, config,
        };
        command.SetAction((parse, ct) => Startup.GuardAsync(async () =>
        {
            PrivateFile.EnsureDirectory(parse.GetValue(data)!);
            var owner = await new ClusterOwner(
                parse.GetValue(data)!, parse.GetValue(config) ?? new ServeOptions().ConfigDirectory,
                parse.GetValue(keys)!, parse.GetValue(control)!, parse.GetValue(s3)!).EnsureAsync(ct);
            Terminal.ShowLast(owner.RecoveryKey is { } recovery
                ? $"Recovery key, shown this once; keep it off this machine: {recovery}"
                : null);
            Console.Out.WriteLine($"The owner's credential of {owner.File.ProjectId} is in {owner.Path}");
        }));
        return command;
    }

    private static Option<Uri> Address(string name, string description) => new(name)
    {
        Description = description,
        Required = true,
        CustomParser = result =>
        {
            if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var address)
                && address.Scheme is "http" or "https") return address;
            result.AddError($"{name} takes an address such as http://127.0.0.1:9001, not '{result.Tokens[0].Value}'");
            return null;
        },
    };
}
