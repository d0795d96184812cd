using System.Net;
using System.Net.Sockets;
using System.Text;
using Npgsql;
using Vault.Testing;

namespace Vault.Cluster.Tests.Kill;

/// <summary>One process with every role, on PostgreSQL behind a proxy that can cut it off.</summary>
internal sealed class SingleTarget : KillTarget
{
    private readonly PostgresServer _postgres;
    private readonly TcpProxy _proxy;
    private readonly Dictionary<string, string> _settings;
    private readonly string _directory = Directory.CreateTempSubdirectory("vault-kill-").FullName;
    private readonly StringBuilder _log = new();
    private VaultProcess _vault = null!;
    private S3TestClient[] _clients = [];

    private SingleTarget(PostgresServer postgres, string database)
    {
        _postgres = postgres;
        _proxy = new TcpProxy(postgres.Port);
        DatabaseUrl = database;
        _settings = new()
        {
            ["STATE_BACKEND"] = "postgres",
            ["DATABASE_URL"] = new NpgsqlConnectionStringBuilder(database) { Port = _proxy.Port }.ConnectionString,
            ["Vault__S3Port"] = FreePort(),
            ["Vault__ControlPort"] = FreePort(),
            ["Vault__DrainTime"] = "00:00:03",
            ["Volume__LogBytes"] = "67108864",
            ["Reclaim__Period"] = "00:00:01",
            ["Reclaim__DeadGrace"] = "00:00:10",
            ["Reclaim__GatewayLapse"] = "00:00:20",
        };
    }

    public override IReadOnlyList<S3TestClient> Gateways => _clients;

    public override IReadOnlyList<Fault> Faults { get; } =
    [
        new(FaultKind.Kill, "vault", "all"), new(FaultKind.Pause, "vault", "all"),
        new(FaultKind.Terminate, "vault", "all"), new(FaultKind.Partition, "database", "all"),
        new(FaultKind.Database, "postgres", "all"),
    ];

    public override string DatabaseUrl { get; }

    public override IEnumerable<(string Process, string Text)> Logs => [("vault", $"{_log}{_vault.Log}")];

    public static async Task<SingleTarget> StartAsync(CancellationToken ct)
    {
        var postgres = await PostgresServer.StartAsync(fsync: true, ct);
        var target = new SingleTarget(postgres, await postgres.CreateDatabaseAsync(ct));
        await target.StartVaultAsync();
        target._clients = [new(target._vault, 400), new(target._vault, 400)];
        return target;
    }

    public override async Task StrikeAsync(Fault fault, bool other, Func<Task> hold, CancellationToken ct)
    {
        switch (fault.Kind)
        {
            case FaultKind.Kill:
                await _vault.KillAsync();
                await AgainAsync(hold);
                break;
            case FaultKind.Terminate:
                await _vault.StopAsync();
                await AgainAsync(hold);
                break;
            case FaultKind.Pause:
                _vault.Pause();
                await hold();
                _vault.Resume();
                break;
            case FaultKind.Partition:
                _proxy.Mode = other ? ProxyMode.CutRequest : ProxyMode.CutAnswer;
                await hold();
                _proxy.Mode = ProxyMode.Pass;
                break;
            case FaultKind.Database:
                await _postgres.StopServerAsync(ct);
                await hold();
                await _postgres.StartServerAsync(ct);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(fault));
        }
    }

    public override async Task RestartAsync(IReadOnlyDictionary<string, string> settings, CancellationToken ct)
    {
        foreach (var (name, value) in settings) _settings[name] = value;
        await _vault.StopAsync();
        await AgainAsync(static () => Task.CompletedTask);
    }

    public override async Task<IReadOnlyList<string>> StopAsync(CancellationToken ct)
    {
        await _vault.StopAsync();
        return [Path.Combine(_vault.DataDirectory, "volume")];
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (var client in _clients) client.Dispose();
        await _vault.DisposeAsync();
        _proxy.Dispose();
        await _postgres.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private async Task AgainAsync(Func<Task> hold)
    {
        _log.Append(_vault.Log);
        await _vault.DisposeAsync();
        await hold();
        await StartVaultAsync();
    }

    private async Task StartVaultAsync() => _vault = await VaultProcess.StartAsync(_directory, _settings);

    private static string FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return $"{((IPEndPoint)listener.LocalEndpoint).Port}";
    }
}
