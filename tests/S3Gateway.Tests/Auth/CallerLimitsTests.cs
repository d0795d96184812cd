using System.Net;
using Microsoft.Extensions.Options;
using Vault.Events.Limits;
using Vault.S3Gateway.Auth;

namespace Vault.S3Gateway.Tests.Auth;

public sealed class CallerLimitsTests
{
    private static readonly IPAddress Here = IPAddress.Parse("192.0.2.7");

    [Fact]
    public void An_address_that_fails_too_often_is_held_back_until_time_has_passed()
    {
        var clock = new Clock();
        var limits = new CallerLimits(
            new RateLimits(clock), Options.Create(new S3Options { FailedAuthenticationsPerMinute = 3 }));
        for (var i = 0; i < 3; i++)
        {
            Assert.False(limits.HasFailedTooOften(Here));
            limits.Failed(Here);
        }

        Assert.True(limits.HasFailedTooOften(Here));
        Assert.False(limits.HasFailedTooOften(null));
        clock.Advance(TimeSpan.FromSeconds(19.9));
        Assert.True(limits.HasFailedTooOften(Here));
        clock.Advance(TimeSpan.FromSeconds(0.1));
        Assert.False(limits.HasFailedTooOften(Here));
    }

    [Fact]
    public void Many_addresses_take_no_more_memory_than_one()
    {
        var limits = new CallerLimits(new RateLimits(new Clock()), Options.Create(new S3Options()));
        var addresses = Enumerable.Range(0, 200_000).Select(i => new IPAddress((uint)i * 2_654_435_761)).ToArray();
        limits.Failed(Here);
        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var address in addresses) limits.Failed(address);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 << 10);
    }

    [Fact]
    public void Unsigned_requests_and_projects_are_limited_only_where_that_is_configured()
    {
        var free = new CallerLimits(new RateLimits(new Clock()), Options.Create(new S3Options()));
        for (var i = 0; i < 100_000; i++) Assert.True(free.AllowsUnsigned(Here));
        var clock = new Clock();
        var limits = new CallerLimits(
            new RateLimits(clock), Options.Create(new S3Options { UnsignedRequestsPerMinute = 2 }));
        Assert.True(limits.AllowsUnsigned(Here) && limits.AllowsUnsigned(Here));
        Assert.False(limits.AllowsUnsigned(Here));
        clock.Advance(TimeSpan.FromSeconds(30));
        Assert.True(limits.AllowsUnsigned(Here));
        Assert.False(limits.AllowsUnsigned(Here));
    }

    private sealed class Clock : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Advance(TimeSpan by) => _ticks += by.Ticks;
    }
}
