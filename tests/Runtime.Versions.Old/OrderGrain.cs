namespace Vault.Runtime.Versions;

/// <summary>An order, of either release.</summary>
public sealed class OrderGrain : Grain, IOrderGrain
{
    private OrderEvent _last = new OrderEvent.Placed { Order = new Order { Item = "first", Count = 1 } };

    /// <inheritdoc/>
    public Task<Order> PlaceAsync(Order order)
    {
        var placed = order with { Count = order.Count + 1 };
#if NEW_RELEASE
        placed = placed with { By = order.By ?? new Customer { Name = "nobody" }, Notes = [.. order.Notes, "placed"] };
#endif
        _last = new OrderEvent.Placed { Order = placed };
        return Task.FromResult(placed);
    }

    /// <inheritdoc/>
    public Task<string> TellAsync(OrderEvent what) => Task.FromResult(what.ToString());

    /// <inheritdoc/>
    public async Task<string> AskAsync(IOrderObserver observer) =>
        await observer.ChangedAsync(((OrderEvent.Placed)_last).Order);

    /// <inheritdoc/>
    public Task<OrderEvent> LastAsync() => Task.FromResult(_last);

#if NEW_RELEASE
    /// <inheritdoc/>
    public Task<string> CancelAsync(string reason)
    {
        _last = new OrderEvent.Cancelled { Reason = reason };
        return Task.FromResult("cancelled");
    }
#endif
}
