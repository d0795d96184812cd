using Microsoft.Extensions.DependencyInjection;
using Vault.Runtime.Activation;
using Vault.Runtime.Invocation;
using Vault.Runtime.Ownership;

namespace Vault.Runtime.Hosting;

/// <summary>What silos ask of each other about their activations.</summary>
[Alias("vault.runtime.silo-control")]
internal interface ISiloControl : IGrainObserver
{
    /// <summary>Activations by class; retries are safe.</summary>
    [Alias("Count")]
    Task<Dictionary<string, int>> CountAsync();

    /// <summary>Ends idle activations; retries are safe.</summary>
    [Alias("Collect")]
    Task CollectAsync(TimeSpan ageLimit);

    /// <summary>Whether a grain is active; retries are safe.</summary>
    [Alias("IsActive")]
    Task<bool> IsActiveAsync(GrainId id);
}

internal sealed class SiloControl(ActivationTable table, ActivationCollector collector) : ISiloControl
{
    public const string Name = "silo";

    public Task<Dictionary<string, int>> CountAsync() => Task.FromResult(
        table.Activations().CountBy(a => a.Class.Entry.GrainClass.FullName!).ToDictionary());

    public Task CollectAsync(TimeSpan ageLimit)
    {
        collector.Collect(ageLimit);
        return Task.CompletedTask;
    }

    public Task<bool> IsActiveAsync(GrainId id) =>
        Task.FromResult(table.Activations().Any(a => a.GrainId == id && a.IsValid));
}

[GrainType("sys.management"), Orleans.Concurrency.StatelessWorker]
internal sealed class ManagementGrain(IServiceProvider services) : Grain, IManagementGrain
{
    private ClusterView View => services.GetRequiredService<ViewHolder>().Current;

    public Task<Dictionary<SiloAddress, SiloStatus>> GetHosts(bool onlyActive = false)
    {
        var hosts = View.Owners.ToDictionary(m => m.Address, _ => SiloStatus.Active);
        foreach (var leaver in onlyActive ? [] : View.Leavers)
        {
            hosts[leaver.Address] = SiloStatus.ShuttingDown;
        }

        return Task.FromResult(hosts);
    }

    public Task ForceActivationCollection(SiloAddress[] hostsIds, TimeSpan ageLimit) =>
        Task.WhenAll(hostsIds.Select(host => Control(host).CollectAsync(ageLimit)));

    public Task ForceActivationCollection(TimeSpan ageLimit) =>
        Task.WhenAll(View.Owners.Select(m => Control(m.Address).CollectAsync(ageLimit)));

    public async Task<SimpleGrainStatistic[]> GetSimpleGrainStatistics()
    {
        var counts = await Task.WhenAll(
            View.Owners.Select(async m => (m.Address, Counts: await Control(m.Address).CountAsync())));
        return
        [
            .. counts.SelectMany(silo => silo.Counts.Select(c => new SimpleGrainStatistic
            {
                GrainType = c.Key,
                SiloAddress = silo.Address,
                ActivationCount = c.Value,
            })),
        ];
    }

    public async Task<int> GetTotalActivationCount() => (await GetSimpleGrainStatistics()).Sum(s => s.ActivationCount);

    public async ValueTask<SiloAddress?> GetActivationAddress(IAddressable reference)
    {
        var id = reference.GetGrainId();
        return View.OwnerOf(id) is { } owner && await Control(owner).IsActiveAsync(id) ? owner : null;
    }

    private ISiloControl Control(SiloAddress silo) =>
        GrainFactory.GetGrain<ISiloControl>(ObserverTable.IdOf(silo, SiloControl.Name));
}
