using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Vault.Protocol.Limits;

/// <summary>A steady rate, of which one period's worth may come at once.</summary>
/// <param name="Count">How many in a period, at least 1.</param>
/// <param name="Period">The period.</param>
public readonly record struct Rate(int Count, TimeSpan Period)
{
    /// <summary>So many a second.</summary>
    public static Rate PerSecond(int count) => new(count, TimeSpan.FromSeconds(1));

    /// <summary>So many a minute.</summary>
    public static Rate PerMinute(int count) => new(count, TimeSpan.FromMinutes(1));

    internal long TicksEach => Math.Max(1, Period.Ticks / Count);
}

/// <summary>
/// Token buckets for any number of callers in a fixed number of slots, one word each: memory does not grow with the
/// number of addresses an attacker has. Callers whose names fall into one slot share it; names are hashed with a key
/// of this process, so nobody can aim at another's slot. Safe for several threads; the caller tells the time.
/// </summary>
/// <remarks>
/// The generic cell rate algorithm: a slot holds the time at which all that was taken will be earned.
/// </remarks>
public sealed class RateTable(int slots = RateTable.DefaultSlots)
{
    /// <summary>512 KiB.</summary>
    public const int DefaultSlots = 1 << 16;

    private const int AddressBytes = 16;
    private const int NetworkBytes = 8; // one IPv6 subscriber has a /64 at least

    private readonly long[] _earned = new long[slots];

    /// <summary>The slot of an address; IPv6 addresses of one /64 share theirs.</summary>
    public int SlotOf(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[AddressBytes];
        bytes.Clear();
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        plain.TryWriteBytes(bytes, out var written);
        if (plain.AddressFamily == AddressFamily.InterNetworkV6) written = NetworkBytes;
        return SlotOf(MemoryMarshal.Cast<byte, char>(bytes[..written]));
    }

    /// <summary>The slot of a name.</summary>
    public int SlotOf(ReadOnlySpan<char> name) => (int)((uint)string.GetHashCode(name) % (uint)_earned.Length);

    /// <summary>True when nothing is left to take; changes nothing.</summary>
    /// <param name="slot">From <see cref="SlotOf(IPAddress)"/>.</param>
    /// <param name="rate">The limit.</param>
    /// <param name="now">Time since any fixed point; never goes back.</param>
    /// <param name="retryAfter">When there will be one again.</param>
    public bool IsSpent(int slot, Rate rate, TimeSpan now, out TimeSpan retryAfter) =>
        IsSpent(Volatile.Read(ref _earned[slot]), rate, now, out retryAfter);

    /// <summary>Takes one; false when there is none, and then nothing was taken.</summary>
    /// <param name="slot">From <see cref="SlotOf(IPAddress)"/>.</param>
    /// <param name="rate">The limit.</param>
    /// <param name="now">Time since any fixed point; never goes back.</param>
    /// <param name="retryAfter">When there will be one again.</param>
    public bool TryTake(int slot, Rate rate, TimeSpan now, out TimeSpan retryAfter)
    {
        while (true)
        {
            var seen = Volatile.Read(ref _earned[slot]);
            if (IsSpent(seen, rate, now, out retryAfter)) return false;
            var next = Math.Max(seen, now.Ticks) + rate.TicksEach;
            if (Interlocked.CompareExchange(ref _earned[slot], next, seen) == seen) return true;
        }
    }

    /// <summary>
    /// Leaves nothing to take for a while, because others have taken it; what was earned before is gone.
    /// </summary>
    /// <param name="slot">From <see cref="SlotOf(IPAddress)"/>.</param>
    /// <param name="rate">The limit.</param>
    /// <param name="until">When there will be one again, on the clock of the other calls.</param>
    public void Spend(int slot, Rate rate, TimeSpan until)
    {
        var earned = until.Ticks + (rate.TicksEach * (rate.Count - 1));
        while (true)
        {
            var seen = Volatile.Read(ref _earned[slot]);
            if (seen >= earned || Interlocked.CompareExchange(ref _earned[slot], earned, seen) == seen) return;
        }
    }

    private static bool IsSpent(long earned, Rate rate, TimeSpan now, out TimeSpan retryAfter)
    {
        var wait = Math.Max(earned, now.Ticks) + rate.TicksEach - now.Ticks - (rate.TicksEach * rate.Count);
        retryAfter = TimeSpan.FromTicks(Math.Max(wait, 0));
        return wait > 0;
    }
}
