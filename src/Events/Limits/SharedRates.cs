using System.Net;
using Vault.Protocol.Limits;

namespace Vault.Events.Limits;

/// <summary>
/// Limits of one kind. Each process counts for itself, without waiting; where Redis is configured what was let through
/// is added up there a moment later, and a caller who has had its share of all processes together is refused here until
/// it has earned more. So the rate over time is exact, and what comes at once may exceed it by what arrives within
/// that moment.
/// </summary>
/// <remarks>docs/spec/events.md, section 5.</remarks>
public sealed class SharedRates
{
    private readonly RateTable local = new();
    private readonly RateReports? reports;
    private readonly string kind;
    private readonly TimeProvider time;
    private readonly long began;

    internal SharedRates(string kind, RateReports? reports, TimeProvider time)
        => (this.kind, this.reports, this.time, began) = (kind, reports, time, time.GetTimestamp());

    private TimeSpan Now => time.GetElapsedTime(began);

    /// <summary>True when the address has nothing left to take; changes nothing.</summary>
    public bool IsSpent(IPAddress address, Rate rate, out TimeSpan retryAfter) =>
        local.IsSpent(local.SlotOf(address), rate, Now, out retryAfter);

    /// <summary>Takes one for an address; false when there is none.</summary>
    public bool TryTake(IPAddress address, Rate rate, out TimeSpan retryAfter)
    {
        var slot = local.SlotOf(address);
        if (!local.TryTake(slot, rate, Now, out retryAfter)) return false;
        reports?.Add(this, slot, kind, NameOf(address), rate);
        return true;
    }

    /// <summary>Takes one for a name; false when there is none.</summary>
    public bool TryTake(string name, Rate rate, out TimeSpan retryAfter)
    {
        var slot = local.SlotOf(name);
        if (!local.TryTake(slot, rate, Now, out retryAfter)) return false;
        reports?.Add(this, slot, kind, name, rate);
        return true;
    }

    /// <summary>All processes together have let through too much.</summary>
    internal void Spend(int slot, Rate rate, TimeSpan length) => local.Spend(slot, rate, Now + length);

    /// <summary>As <see cref="RateTable.SlotOf(IPAddress)"/> sees it: IPv6 addresses of one /64 are one.</summary>
    private static string NameOf(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        plain.TryWriteBytes(bytes, out var written);
        return Convert.ToHexStringLower(bytes[..Math.Min(written, 8)]);
    }
}
