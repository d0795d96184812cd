using System.Net;
using System.Net.Sockets;
using Vault.Runtime.Messaging;
using Vault.Sql;
using Vault.Sql.Tests;
using Vault.Testing;

namespace Vault.Runtime.Sql.Tests.Membership;

/// <summary>Silos of one database and one network: in memory, or TCP on loopback.</summary>
internal sealed class SqlCluster(string connectionString, bool tcp) : IAsyncDisposable
{
    private readonly InMemoryNetwork? _network = tcp ? null : new();
    private readonly List<SqlSilo> _all = [];
    private int _port = 11000;

    public string ConnectionString => connectionString;

    public Gates Gates { get; } = new();

    public static async Task<SqlCluster> StartAsync(Databases databases, int silos, bool tcp = false)
    {
        return await StartAsync(await databases.Postgres, silos, tcp);
    }

    public static async Task<SqlCluster> StartAsync(PostgresServer server, int silos, bool tcp = false)
    {
        var connectionString = await server.CreateDatabaseAsync();
        await using (var database = await Database.OpenPostgresAsync(
            new PostgresOptions { ConnectionString = connectionString }, TimeProvider.System))
        {
            await database.MigrateAsync([RuntimeSqlServices.Migrations]);
        }

        var cluster = new SqlCluster(connectionString, tcp);
        await Task.WhenAll(Enumerable.Range(0, silos).Select(_ => cluster.AddAsync()));
        await cluster.SettleAsync(silos);
        return cluster;
    }

    public IReadOnlyList<SqlSilo> Silos => _all;

    /// <summary>Starts a silo.</summary>
    /// <param name="disturb">Is told the silo's port and what it sees of the database before it starts.</param>
    public async Task<SqlSilo> AddAsync(Action<int, FaultyStore>? disturb = null)
    {
        var silo = await SqlSilo.StartAsync(
            connectionString, _network, Gates, tcp ? FreePort() : Interlocked.Increment(ref _port), disturb,
            CancellationToken.None);
        lock (_all)
        {
            _all.Add(silo);
        }

        return silo;
    }

    /// <summary>Until these silos know each other and nothing else, and have all acknowledged it.</summary>
    public async Task SettleAsync(int count, params SqlSilo[] others)
    {
        foreach (var silo in _all.Except(others))
        {
            await silo.SeesAsync(s => s.Current.Owners.Length == count && s.Current.Leavers.Length == 0
                && s.Acknowledged.Values.All(v => v >= s.Current.Number));
        }
    }

    /// <summary>A grain that the silo owns.</summary>
    public static ITallyGrain GrainOf(SqlSilo owner, SqlSilo caller, int skip = 0) => caller.Grains
        .GetGrain<ITallyGrain>(Enumerable.Range(0, 10_000)
            .Where(key => owner.Address.Equals(owner.Views.Current.OwnerOf(
                caller.Grains.GetGrain<ITallyGrain>(key).GetGrainId())))
            .Skip(skip).First());

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var silo in _all)
        {
            await silo.DisposeAsync();
        }
    }
}
