using Microsoft.Extensions.DependencyInjection;
using Vault.Grains.Abstractions.Wire;
using Vault.Grains.Reclaim;
using Vault.Sql;
using Vault.Storage.Volumes;

namespace Vault.Grains.Tests.TwoActivations;

/// <summary>
/// Two clusters that know nothing of each other over one PostgreSQL database and one volume: whatever is asked of both,
/// every grain lives twice.
/// </summary>
internal sealed class TwinClusters : IAsyncDisposable
{
    private const int MostTries = 200;

    private readonly Cluster[] _sides;
    private readonly Volume _volume;
    private int _turn;

    private TwinClusters(Cluster[] sides, Volume volume, string connectionString) =>
        (_sides, _volume, Sql) = (sides, volume, new SqlView(connectionString));

    public Cluster One => _sides[0];

    public Cluster Two => _sides[1];

    /// <summary>The database that they share.</summary>
    public SqlView Sql { get; }

    public static async Task<TwinClusters> StartAsync(
        Databases databases, Action<IServiceCollection>? configure = null)
    {
        var time = new ShiftedTime();
        var connectionString = await (await databases.Postgres).CreateDatabaseAsync();
        var volume = await databases.NewVolumeAsync(time);
        var sides = new Cluster[2];
        for (var side = 0; side < sides.Length; side++)
        {
            var database = await databases.OpenAsync(
                SqlKind.Postgres, new() { ConnectionString = connectionString }, time);
            sides[side] = await Cluster.StartAsync(
                database, volume, time, $"cluster-{side}", [database], services =>
                {
                    services.Configure<ReclaimOptions>(static o => o.Period = TimeSpan.FromHours(1));
                    configure?.Invoke(services);
                });
        }

        var twins = new TwinClusters(sides, volume, connectionString);
        await twins.Sql.RunAsync(SqlView.Witness);
        return twins;
    }

    /// <summary>A side; from call to call the other one.</summary>
    public Cluster Next() => _sides[Interlocked.Increment(ref _turn) & 1];

    public Cluster Other(Cluster side) => side == One ? Two : One;

    /// <summary>Asks both at once, each until its answer is not that nothing changed.</summary>
    public Task<T[]> BothAsync<T>(Func<Cluster, Task<T>> call) =>
        Task.WhenAll(_sides.Select(side => AskAsync(side, call)));

    /// <summary>Asks one side after the other until an answer is not that nothing changed.</summary>
    public Task<T> AskAsync<T>(Func<Cluster, Task<T>> call) => AskAsync(Next, call);

    /// <summary>Asks one side until its answer is not that nothing changed.</summary>
    public static Task<T> AskAsync<T>(Cluster side, Func<Cluster, Task<T>> call) => AskAsync(() => side, call);

    public async ValueTask DisposeAsync()
    {
        foreach (var side in _sides) await side.DisposeAsync();
        await _volume.DisposeAsync();
    }

    private static async Task<T> AskAsync<T>(Func<Cluster> side, Func<Cluster, Task<T>> call)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await call(side());
            }
            catch (StoreUnavailableException) when (tries < MostTries)
            {
                // A fence was taken.
            }
        }
    }
}
