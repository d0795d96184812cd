using System.Globalization;
using System.Security.Cryptography;
using Vault.Silo.FirstStart;
using Vault.Silo.Keys;
using Vault.Silo.Serve;

namespace Vault.Silo.Cluster;

/// <summary>Starts a cluster of real processes on this machine.</summary>
internal sealed class ClusterUp(ClusterShape shape)
{
    private readonly ClusterDirectory _directory = shape.Directory;

    /// <summary>Starts everything and waits until all of it is ready; what was started ends again on failure.</summary>
    public async Task<(ClusterState State, Owner Owner)> RunAsync(CancellationToken cancellationToken)
    {
        if (_directory.Exists)
        {
            throw new SetupException(
                $"there is a cluster in '{_directory.Path}' already: run `vault cluster down --dir {_directory.Path}`, "
                + "or name another directory");
        }

        if (Directory.Exists(_directory.Path) && Directory.EnumerateFileSystemEntries(_directory.Path).Any())
            throw new SetupException($"'{_directory.Path}' is not empty: name another directory with --dir");
        try
        {
            try
            {
                MakeFiles();
            }
            catch (IOException e)
            {
                throw new SetupException(
                    $"'{_directory.Path}' cannot be made: {e.Message} Name another directory with --dir");
            }

            var state = await PlanAsync(cancellationToken);
            await StartAsync(state, cancellationToken);
            var gateway = state.Processes.Find(p => p.ServesS3)!;
            var control = state.Processes.Find(p => p.ServesControl)!;
            var owner = await new ClusterOwner(
                _directory.Path, _directory.Config, _directory.ClusterKeys, ClusterHealth.Control(control),
                new Uri($"http://{gateway.Address}:{gateway.Port}")).EnsureAsync(cancellationToken);
            return (state, owner);
        }
        catch
        {
            if (_directory.Exists) await ClusterDown.RunAsync(_directory, CancellationToken.None);
            else if (Directory.Exists(_directory.Path)) Directory.Delete(_directory.Path, recursive: true);
            throw;
        }
    }

    private void MakeFiles()
    {
        PrivateFile.EnsureDirectory(_directory.Path);
        PrivateFile.EnsureDirectory(_directory.Config);
        PrivateFile.EnsureDirectory(Path.GetDirectoryName(_directory.DataOf("x"))!);
        PrivateFile.EnsureDirectory(Path.GetDirectoryName(_directory.LogOf("x"))!);
        ClusterKeysFile.Make(_directory.ClusterKeys).Dispose();
        PrivateFile.Write(
            _directory.ClusterSecret, RandomNumberGenerator.GetHexString(2 * ClusterSettings.LeastSecret) + "\n");
        ClusterCertificateFiles.Make(_directory.Certificates, TimeProvider.System);
    }

    private async Task<ClusterState> PlanAsync(CancellationToken ct)
    {
        var network = shape.Namespaces ? await ClusterNetwork.BridgedAsync(ct) : ClusterNetwork.Loopback();
        var state = new ClusterState
        {
            Directory = _directory.Path,
            DatabaseDirectory = Directory.CreateTempSubdirectory("vault-cluster-postgres-").FullName,
            Bridge = network.Bridge,
            Subnet = network.Subnet,
            Processes = [],
        };
        _directory.Write(state); // from here on `down` finds what there is
        await network.OpenAsync(ct);
        var (postgres, url) = await PostgresServer.MakeAsync(
            state.DatabaseDirectory, network.DatabaseAddress, network.Port(), network.Subnet, ct);
        Daemon.Start(postgres, _directory.LogOf(postgres.Name));
        state.Processes.Add(postgres);
        _directory.Write(state);
        var redis = Redis(network);
        Daemon.Start(redis, _directory.LogOf(redis.Name));
        state.Processes.Add(redis);
        _directory.Write(state);
        state.Processes.AddRange(await new ClusterPlan(shape, network, url, redis).ProcessesAsync(ct));
        _directory.Write(state);
        await PostgresServer.CreateDatabaseAsync(url, postgres, ct);
        return state;
    }

    private async Task StartAsync(ClusterState state, CancellationToken ct)
    {
        var started = state.Processes.Where(p => p.IsVault).ToList();
        started.ForEach(p => Daemon.Start(p, _directory.LogOf(p.Name)));
        _directory.Write(state);
        foreach (var process in started) await ClusterHealth.WaitAsync(process, _directory, ct);
    }

    private ClusterProcess Redis(ClusterNetwork network)
    {
        var port = network.Port();
        return new ClusterProcess
        {
            Name = "redis",
            Kind = ProcessKind.Redis,
            Command =
            [
                "redis-server", "--bind", network.DatabaseAddress,
                "--port", port.ToString(CultureInfo.InvariantCulture),
                "--dir", _directory.Path, "--save", "", "--appendonly", "no", "--protected-mode", "no",
            ],
            Environment = new Dictionary<string, string>(),
            Address = network.DatabaseAddress,
            Port = port,
        };
    }
}
