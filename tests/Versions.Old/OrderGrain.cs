using Orleans.Concurrency;
using Orleans.Placement;

namespace Vault.Versions;

/// <summary>An order, of either release; two that pass on to each other do not wait for each other.</summary>
[RandomPlacement]
[Reentrant]
internal sealed class OrderGrain : Grain, IOrderGrain
{
    public Task<Receipt> PlaceAsync(Order order, CancellationToken cancellationToken) => Task.FromResult(new Receipt
    {
        Order = order, Release = Release.Name,
#if NEW_RELEASE
        Remark = "placed", Notes = ["one", "two"],
#endif
    });

    public async Task<Receipt> PassOnAsync(string to, Order order, CancellationToken cancellationToken) =>
        (await GrainFactory.GetGrain<IOrderGrain>(to).PlaceAsync(order, cancellationToken)) with { Via = Release.Name };

#if NEW_RELEASE
    public Task<string> CancelAsync(string reason, CancellationToken cancellationToken) =>
        Task.FromResult("cancelled, " + reason);
#endif
}
