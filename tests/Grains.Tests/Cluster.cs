using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Vault.Grains.Abstractions.Accounts;
using Vault.Grains.Abstractions.Buckets;
using Vault.Grains.Abstractions.Objects;
using Vault.Protocol.Ids;
using Vault.Sql;
using Vault.Storage.Shards;
using Vault.Storage.Volumes;

namespace Vault.Grains.Tests;

/// <summary>One silo with every grain over a database and one volume.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly List<IAsyncDisposable> _owned;

    private Cluster(IHost host, Database database, Volume volume, ShiftedTime time, List<IAsyncDisposable> owned) =>
        (_host, Database, Volume, Time, _owned) = (host, database, volume, time, owned);

    public IGrainFactory Grains => _host.Services.GetRequiredService<IGrainFactory>();

    public IServiceProvider Services => _host.Services;

    public Database Database { get; }

    public Volume Volume { get; }

    /// <summary>The silo's clock, and the embedded database's.</summary>
    public ShiftedTime Time { get; }

    public static async Task<Cluster> StartAsync(
        Databases databases, SqlKind kind, Action<IServiceCollection>? configure = null,
        PostgresOptions? postgres = null, Action<ISiloBuilder>? silo = null)
    {
        var time = new ShiftedTime();
        var database = await databases.OpenAsync(kind, postgres, time);
        var volume = await databases.NewVolumeAsync(time);
        return await StartAsync(database, volume, time, "cluster", [volume, database], configure, silo);
    }

    /// <summary>A silo of a cluster by itself, over what others may use too.</summary>
    /// <param name="database">Where.</param>
    /// <param name="volume">The one volume.</param>
    /// <param name="time">The silo's clock.</param>
    /// <param name="clusterId">Clusters of different ids know nothing of each other.</param>
    /// <param name="owned">What goes with it.</param>
    /// <param name="configure">Settings, and other services.</param>
    /// <param name="silo">Orleans' providers and filters.</param>
    public static async Task<Cluster> StartAsync(
        Database database, Volume volume, ShiftedTime time, string clusterId, List<IAsyncDisposable> owned,
        Action<IServiceCollection>? configure = null, Action<ISiloBuilder>? silo = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSingleton(database);
        builder.Services.AddSingleton(new ShardClient([volume]));
        builder.Services.AddSingleton<TimeProvider>(time);
        builder.Services.AddGrains();
        configure?.Invoke(builder.Services);
        builder.UseOrleans(orleans =>
        {
            orleans.UseLocalhostClustering(FreePort(), gatewayPort: 0, serviceId: "vault", clusterId: clusterId)
                .UseInMemoryReminderService();
            silo?.Invoke(orleans);
        });
        var host = builder.Build();
        await host.StartAsync();
        return new Cluster(host, database, volume, time, owned);
    }

    public async Task<ProjectId> ProjectAsync(long quotaBytes = 0, int buckets = 0)
    {
        var tenant = TenantId.New();
        var project = ProjectId.New();
        Assert.Equal(AccountStatus.Ok, await Grains.GetGrain<ITenantGrain>(tenant.Value).CreateAsync(
            new CreateTenant { Name = "t", OwnerEmail = "t@example.com", Limits = new TenantLimits() }, default));
        Assert.Equal(AccountStatus.Ok, await Grains.GetGrain<IProjectGrain>(project.Value).CreateAsync(
            Seed.NewProject(tenant, quotaBytes, buckets), default));
        return project;
    }

    public Task<CreateBucketResult> CreateBucketAsync(string name, ProjectId project) =>
        Grains.GetGrain<IBucketNameGrain>(name).CreateAsync(
            new CreateBucket
            {
                ProjectId = project, BucketId = BucketId.New(Time.GetUtcNow()), Region = "",
                OwnerKeyBox = Seed.Key("box"),
            },
            default);

    /// <summary>A bucket of a new project.</summary>
    public async Task<BucketView> BucketAsync(string name = "bucket", long quotaBytes = 0) =>
        (await CreateBucketAsync(name, await ProjectAsync(quotaBytes))).Bucket!;

    /// <summary>The writer of a key.</summary>
    public IObjectIndexGrain Index(BucketId bucket, string key)
    {
        Assert.True(ObjectKey.TryParse(Seed.Key(key), out var parsed));
        return Grains.GetGrain<IObjectIndexGrain>($"{bucket}/{parsed.Partition(16):x2}");
    }

    public Task<CommitResult> PutAsync(PutObject put) =>
        Index(put.BucketId, System.Text.Encoding.UTF8.GetString(put.Key.Span)).PutAsync(put, default);

    public Task<CommitResult> DeleteAsync(BucketId bucket, string key) =>
        Index(bucket, key).DeleteAsync(Seed.Delete(bucket, key), default);

    public Task<HeadRead> ReadAsync(string bucket, string key, bool withBody = false) =>
        Grains.GetGrain<IObjectReadGrain>(0).ReadAsync(
            new HeadRequest { Bucket = bucket, Key = Seed.Key(key), WithBody = withBody }, default);

    /// <summary>Ends it without order; what it had begun may still go on.</summary>
    public Task KillAsync() => _host.StopAsync(new CancellationToken(canceled: true));

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        foreach (var owned in _owned) await owned.DisposeAsync();
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}

/// <summary>The real clock, moved forward by the test; its timers are the real ones.</summary>
internal sealed class ShiftedTime : TimeProvider
{
    private long _shiftTicks;
    private long _elapsedTicks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Volatile.Read(ref _shiftTicks));

    public override long GetTimestamp() =>
        (long)(base.GetTimestamp() * ((double)TimeSpan.TicksPerSecond / base.TimestampFrequency))
        + Volatile.Read(ref _elapsedTicks);

    public void Advance(TimeSpan by) => Interlocked.Add(ref _shiftTicks, by.Ticks);

    /// <summary>Lets processes have run for longer, without a change of the date.</summary>
    public void AdvanceElapsed(TimeSpan by) => Interlocked.Add(ref _elapsedTicks, by.Ticks);
}
