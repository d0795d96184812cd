#if NEW_RELEASE
using System.Collections.Immutable;
#endif

namespace Vault.Runtime.Versions;

/// <summary>Takes orders. The later release has more: what it adds is under NEW_RELEASE.</summary>
[Alias("versions.order")]
public interface IOrderGrain : IGrainWithStringKey
{
    /// <summary>Gives an order back with one more of it; retries are safe.</summary>
    [Alias("Place")]
    Task<Order> PlaceAsync(Order order);

    /// <summary>Says what it was told; retries are safe.</summary>
    [Alias("Tell")]
    Task<string> TellAsync(OrderEvent what);

    /// <summary>Calls the observer, which says what it understood; retries are safe.</summary>
    [Alias("Ask")]
    Task<string> AskAsync(IOrderObserver observer);

#if NEW_RELEASE
    /// <summary>Says that it was done; retries are safe.</summary>
    [Alias("Cancel")]
    Task<string> CancelAsync(string reason);
#endif

    /// <summary>What has happened last; retries are safe.</summary>
    [Alias("Last")]
    Task<OrderEvent> LastAsync();
}

/// <summary>Is told of orders.</summary>
[Alias("versions.observer")]
public interface IOrderObserver : IGrainObserver
{
    /// <summary>Says what it understood; retries are safe.</summary>
    [Alias("Changed")]
    Task<string> ChangedAsync(Order order);
}

/// <summary>An order.</summary>
[GenerateSerializer, Immutable, Alias("versions.order-record")]
public sealed record Order
{
    /// <summary>What is ordered.</summary>
    [Id(0)]
    public required string Item { get; init; }

    /// <summary>How many.</summary>
    [Id(1)]
    public required int Count { get; init; }

#if NEW_RELEASE
    /// <summary>Who ordered it; null from the earlier release.</summary>
    [Id(2)]
    public Customer? By { get; init; }

    /// <summary>Words about it; none from the earlier release.</summary>
    [Id(3)]
    public ImmutableArray<string> Notes { get; init; } = [];
#endif
}

#if NEW_RELEASE
/// <summary>Somebody who orders.</summary>
[GenerateSerializer, Immutable, Alias("versions.customer")]
public sealed record Customer
{
    /// <summary>A name.</summary>
    [Id(0)]
    public required string Name { get; init; }
}
#endif

/// <summary>Something that happened to an order.</summary>
[GenerateSerializer, Immutable, Alias("versions.event")]
public abstract record OrderEvent
{
    /// <summary>It was placed.</summary>
    [GenerateSerializer, Immutable, Alias("versions.placed")]
    public sealed record Placed : OrderEvent
    {
        /// <summary>The order.</summary>
        [Id(0)]
        public required Order Order { get; init; }
    }

#if NEW_RELEASE
    /// <summary>It was cancelled.</summary>
    [GenerateSerializer, Immutable, Alias("versions.cancelled")]
    public sealed record Cancelled : OrderEvent
    {
        /// <summary>Why.</summary>
        [Id(0)]
        public required string Reason { get; init; }
    }
#endif
}
