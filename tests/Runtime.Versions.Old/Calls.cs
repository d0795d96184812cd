namespace Vault.Runtime.Versions;

/// <summary>What a client of either release calls.</summary>
internal static class Calls
{
    public static async Task MakeAsync(IGrainFactory grains)
    {
        var grain = grains.GetGrain<IOrderGrain>("a");
        var order = new Order { Item = "tea", Count = 1 };
#if NEW_RELEASE
        order = order with { By = new Customer { Name = "ann" }, Notes = ["soon"] };
#endif
        await SayAsync("before", async () => (await grain.LastAsync()).GetType().Name);
        await SayAsync("place", async () => Describe(await grain.PlaceAsync(order)));
        await SayAsync("tell", () => grain.TellAsync(new OrderEvent.Placed { Order = order }));
        var observer = new Observer();
        await SayAsync("ask", () => grain.AskAsync(grains.CreateObjectReference<IOrderObserver>(observer)));
        GC.KeepAlive(observer);
#if NEW_RELEASE
        await SayAsync("tell-new-case", () => grain.TellAsync(new OrderEvent.Cancelled { Reason = "late" }));
#endif
        await SayAsync("after", async () => Describe(await grain.PlaceAsync(order)));
#if NEW_RELEASE
        await SayAsync("cancel", () => grain.CancelAsync("late"));
#endif
        await SayAsync("last", async () => (await grain.LastAsync()).GetType().Name);
    }

    public static string Describe(Order order)
    {
        var text = $"{order.Count} {order.Item}";
#if NEW_RELEASE
        text += $" by {order.By?.Name ?? "?"}: {string.Join(", ", order.Notes)}";
#endif
        return text;
    }

    private static async Task SayAsync(string what, Func<Task<string>> call)
    {
        try
        {
            Console.WriteLine($"{what} = {await call()}");
        }
        catch (Exception exception)
        {
            Console.WriteLine($"{what} ! {exception.GetType().Name}: {exception.Message}");
        }
    }

    private sealed class Observer : IOrderObserver
    {
        public Task<string> ChangedAsync(Order order) => Task.FromResult("understood " + Describe(order));
    }
}
