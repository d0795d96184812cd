using System.Net;
using Vault.Protocol.Limits;

namespace Vault.Protocol.Tests.Limits;

public sealed class RateTableTests
{
    private static readonly Rate FivePerMinute = Rate.PerMinute(5);

    [Fact]
    public void One_periods_worth_comes_at_once_and_then_one_by_one()
    {
        var table = new RateTable();
        var slot = table.SlotOf("name");
        var now = TimeSpan.FromDays(3);
        for (var i = 0; i < 5; i++) Assert.True(table.TryTake(slot, FivePerMinute, now, out _));
        Assert.False(table.TryTake(slot, FivePerMinute, now, out var retryAfter));
        Assert.Equal(TimeSpan.FromSeconds(12), retryAfter);
        Assert.True(table.IsSpent(slot, FivePerMinute, now + retryAfter - TimeSpan.FromTicks(1), out _));
        now += retryAfter;
        Assert.False(table.IsSpent(slot, FivePerMinute, now, out _));
        Assert.True(table.TryTake(slot, FivePerMinute, now, out _));
        Assert.False(table.TryTake(slot, FivePerMinute, now, out _));
        now += TimeSpan.FromHours(1);
        for (var i = 0; i < 5; i++) Assert.True(table.TryTake(slot, FivePerMinute, now, out _));
        Assert.False(table.TryTake(slot, FivePerMinute, now, out _));
    }

    [Fact]
    public void What_others_have_spent_is_gone_until_then_and_earned_one_by_one_after()
    {
        var table = new RateTable();
        var now = TimeSpan.FromDays(3);
        Assert.True(table.TryTake(0, FivePerMinute, now, out _));
        table.Spend(0, FivePerMinute, now + TimeSpan.FromSeconds(30));
        table.Spend(0, FivePerMinute, now + TimeSpan.FromSeconds(10)); // less than is known already
        Assert.False(table.TryTake(0, FivePerMinute, now, out var retryAfter));
        Assert.Equal(TimeSpan.FromSeconds(30), retryAfter);
        Assert.True(table.TryTake(0, FivePerMinute, now + retryAfter, out _));
        Assert.False(table.TryTake(0, FivePerMinute, now + retryAfter, out _));
    }

    [Fact]
    public void Addresses_have_slots_of_their_own_and_an_ipv6_network_shares_one()
    {
        var table = new RateTable();
        var here = table.SlotOf(IPAddress.Parse("2001:db8:1:2::1"));
        Assert.Equal(here, table.SlotOf(IPAddress.Parse("2001:db8:1:2:ffff::9")));
        Assert.Equal(table.SlotOf(IPAddress.Parse("192.0.2.1")), table.SlotOf(IPAddress.Parse("::ffff:192.0.2.1")));
        var slots = Enumerable.Range(0, 200).Select(i => table.SlotOf(new IPAddress([192, 0, 2, (byte)i]))).Distinct();
        Assert.InRange(slots.Count(), 190, 200);
    }

    [Fact]
    public void Nothing_is_taken_twice_by_threads_that_race()
    {
        var table = new RateTable(1);
        var taken = 0;
        Parallel.For(0, 10_000, i =>
        {
            if (table.TryTake(0, Rate.PerSecond(1000), TimeSpan.Zero, out _)) Interlocked.Increment(ref taken);
        });
        Assert.Equal(1000, taken);
    }
}
