using Vault.Runtime.Tests.Grains;
using Vault.Runtime.Tests.Support;

namespace Vault.Runtime.Tests.Activation;

public sealed class StatelessWorkerTests
{
    [Fact]
    public async Task Calls_spread_over_at_most_the_allowed_number_of_workers()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grains.GetGrain<IWorkerGrain>(0);
        var calls = Enumerable.Range(1, 3).Select(i => grain.WorkAsync($"{i}")).ToList();
        await silo.Probe.Heard("started 1");
        await silo.Probe.Heard("started 2");
        Assert.Equal(0, silo.Probe.Count("started 3"));

        foreach (var i in Enumerable.Range(1, 3))
        {
            silo.Probe.Open($"{i}");
        }

        var ids = await Task.WhenAll(calls);
        Assert.Equal(2, ids.Distinct().Count());
        Assert.NotEqual(ids[0], ids[1]);
    }
}
