#if NEW_RELEASE
using System.Collections.Immutable;
#endif

namespace Vault.Versions;

/// <summary>Takes orders. The later release has more: what it adds is under NEW_RELEASE.</summary>
[Alias("versions.order"), GrainInterfaceType("versions.order")]
internal interface IOrderGrain : IGrainWithStringKey
{
    /// <summary>Says what was understood of an order.</summary>
    [Alias("place")]
    Task<Receipt> PlaceAsync(Order order, CancellationToken cancellationToken);

    /// <summary>Places an order with another grain, which may be of the other release.</summary>
    [Alias("pass-on")]
    Task<Receipt> PassOnAsync(string to, Order order, CancellationToken cancellationToken);

#if NEW_RELEASE
    /// <summary>Says that it was done.</summary>
    [Alias("cancel")]
    Task<string> CancelAsync(string reason, CancellationToken cancellationToken);
#endif
}

/// <summary>How far an order is.</summary>
[GenerateSerializer, Alias("versions.state")]
internal enum OrderState
{
    Placed = 0,
    Shipped = 1,
#if NEW_RELEASE
    Cancelled = 2,
#endif
}

/// <summary>An order.</summary>
[GenerateSerializer, Immutable, Alias("versions.order-message")]
internal sealed record Order
{
    [Id(0)] public required string Item { get; init; }

    [Id(1)] public required OrderState State { get; init; }

    [Id(2)] public ReadOnlyMemory<byte> Payload { get; init; }

#if NEW_RELEASE
    /// <summary>Who ordered it; null from the earlier release.</summary>
    [Id(3)] public Customer? By { get; init; }
#endif
}

#if NEW_RELEASE
/// <summary>Somebody who orders.</summary>
[GenerateSerializer, Immutable, Alias("versions.customer")]
internal sealed record Customer
{
    [Id(0)] public required string Name { get; init; }
}
#endif

/// <summary>What was understood, by whom.</summary>
[GenerateSerializer, Immutable, Alias("versions.receipt")]
internal sealed record Receipt
{
    [Id(0)] public required Order Order { get; init; }

    /// <summary>Release of the grain that took the order.</summary>
    [Id(1)] public required string Release { get; init; }

    /// <summary>Release of the grain that passed it on; empty when none did.</summary>
    [Id(2)] public string Via { get; init; } = "";

#if NEW_RELEASE
    /// <summary>Words about it; "?" from the earlier release.</summary>
    [Id(3)] public string Remark { get; init; } = "?";

    /// <summary>More words; none from the earlier release.</summary>
    [Id(4)] public ImmutableArray<string> Notes { get; init; } = [];
#endif
}
