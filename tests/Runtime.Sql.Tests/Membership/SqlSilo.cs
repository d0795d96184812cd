using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Vault.Runtime.Activation;
using Vault.Runtime.Hosting;
using Vault.Runtime.Messaging;
using Vault.Runtime.Ownership;
using Vault.Runtime.Sql.Membership;
using Vault.Sql;

namespace Vault.Runtime.Sql.Tests.Membership;

/// <summary>A silo in a host of its own, on connections of its own, with a clock and a network that can be disturbed.
/// </summary>
internal sealed class SqlSilo : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly Database _database;
    private readonly int _port;
    private bool _over;

    private SqlSilo(
        IHost host, Database database, FaultyStore store, LeapingClock clock, HeldExecutor executor, int port) =>
        (_host, _database, Store, Clock, Executor, _port) = (host, database, store, clock, executor, port);

    public FaultyStore Store { get; }

    public LeapingClock Clock { get; }

    public HeldExecutor Executor { get; }

    public IGrainFactory Grains => _host.Services.GetRequiredService<IGrainFactory>();

    public SiloHealth Health => _host.Services.GetRequiredService<SiloHealth>();

    public SiloAddress Address => Health.Address;

    public ViewHolder Views => _host.Services.GetRequiredService<ViewHolder>();

    public string Process => ProcessOf(_port);

    public static string ProcessOf(int port) => $"process of {port}";

    public static async Task<SqlSilo> StartAsync(
        string connectionString, InMemoryNetwork? network, Gates gates, int port, Action<int, FaultyStore>? disturb,
        CancellationToken ct)
    {
        var connections = SqlMembershipServices.Connections(connectionString);
        connections.ConnectTimeout = TimeSpan.FromSeconds(20);
        var database = await Database.OpenPostgresAsync(connections, TimeProvider.System, ct: ct);
        var store = new FaultyStore(new SqlMembershipStore(database));
        disturb?.Invoke(port, store);
        var (clock, executor) = (new LeapingClock(), new HeldExecutor());
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(gates).AddSingleton<Executor>(executor)
            .AddSingleton(new LeaseClock(clock));
        builder.UseOrleans(silo =>
        {
            if (network is not null)
            {
                silo.Services.AddSingleton(network);
            }
            else
            {
                silo.UseTcpTransport(transport => transport.ClusterSecret = "a secret of the tests");
            }

            silo.UseSqlMembership(_ => database);
            RuntimeServices.AddLeasedMembership(silo.Services, _ => store);
            silo.Configure<MembershipOptions>(membership => membership.Process = ProcessOf(port));
            silo.Configure<EndpointOptions>(endpoint =>
                (endpoint.AdvertisedIPAddress, endpoint.SiloPort) = (IPAddress.Loopback, port));
        });
        var host = builder.Build();
        await host.StartAsync(ct);
        return new SqlSilo(host, database, store, clock, executor, port);
    }

    /// <summary>Leaves in order.</summary>
    public async Task StopAsync()
    {
        _over = true;
        await _host.StopAsync();
    }

    /// <summary>Ends as a process that dies.</summary>
    public async Task KillAsync()
    {
        _over = true;
        await _host.Services.GetRequiredService<SiloService>().KillAsync();
    }

    public Task<ClusterSnapshot> SeesAsync(Func<ClusterSnapshot, bool> condition) =>
        Views.WaitAsync(condition, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));

    public async ValueTask DisposeAsync()
    {
        Store.Mend();
        Executor.Release();
        if (!_over)
        {
            await KillAsync();
        }

        await ((IAsyncDisposable)_host).DisposeAsync();
        await _database.DisposeAsync();
    }
}

/// <summary>Boot time that can leap, as it does for a process that was stopped: no timer has fired.</summary>
internal sealed class LeapingClock : TimeProvider
{
    private long _leapt;

    public override long TimestampFrequency => BootTimeProvider.Instance.TimestampFrequency;

    public override long GetTimestamp() => BootTimeProvider.Instance.GetTimestamp() + Interlocked.Read(ref _leapt);

    public void Leap(TimeSpan time) =>
        Interlocked.Add(ref _leapt, (long)(time.TotalSeconds * TimestampFrequency));
}

/// <summary>The thread pool, until it is held: then no turn runs.</summary>
internal sealed class HeldExecutor : Executor
{
    private readonly Lock _gate = new();
    private List<IThreadPoolWorkItem>? _held;

    public void Hold()
    {
        lock (_gate)
        {
            _held ??= [];
        }
    }

    public void Release()
    {
        List<IThreadPoolWorkItem>? held;
        lock (_gate)
        {
            (held, _held) = (_held, null);
        }

        foreach (var item in held ?? [])
        {
            base.Queue(item, preferLocal: false);
        }
    }

    public override void Queue(IThreadPoolWorkItem item, bool preferLocal)
    {
        lock (_gate)
        {
            if (_held is not null)
            {
                _held.Add(item);
                return;
            }
        }

        base.Queue(item, preferLocal);
    }
}
