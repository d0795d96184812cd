using System.Globalization;
using Vault.Runtime.Ownership;
using Vault.Runtime.Tests.Support;

namespace Vault.Runtime.Tests.Ownership;

public sealed class LeaseTests
{
    private static readonly TimeSpan s_length = TimeSpan.FromSeconds(3);
    private readonly FakeClock _clock = new();
    private readonly Lease _lease = new();

    [Fact]
    public void A_lease_is_endless_until_one_is_required()
    {
        Assert.True(_lease.IsValid);
        Assert.Equal(TimeSpan.MaxValue, _lease.Remaining);
        _lease.Require(_clock);
        Assert.False(_lease.IsValid);
        Assert.False(_lease.TryExtend(_clock.GetTimestamp(), s_length));
    }

    [Fact]
    public void It_runs_from_when_the_last_successful_renewal_was_sent()
    {
        _lease.Require(_clock);
        var sentAt = _clock.GetTimestamp();
        _lease.Begin(sentAt, s_length);
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.True(_lease.TryExtend(sentAt + TimeSpan.TicksPerSecond, s_length));
        Assert.True(_lease.TryExtend(sentAt, s_length));
        Assert.Equal(TimeSpan.FromSeconds(2), _lease.Remaining);

        _clock.Advance(TimeSpan.FromSeconds(2));

        Assert.False(_lease.IsValid);
        Assert.Equal(TimeSpan.Zero, _lease.Remaining);
    }

    [Fact]
    public void One_that_was_given_up_is_not_extended()
    {
        _lease.Require(_clock);
        _lease.Begin(_clock.GetTimestamp(), s_length);
        _lease.End();
        Assert.False(_lease.TryExtend(_clock.GetTimestamp(), s_length));
        Assert.False(_lease.IsValid);
    }

    [Fact]
    public void It_tells_for_how_long_it_has_been_over()
    {
        Assert.Equal(TimeSpan.Zero, _lease.Over);
        _lease.Require(_clock);
        _lease.Begin(_clock.GetTimestamp(), s_length);
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(TimeSpan.Zero, _lease.Over);
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(TimeSpan.FromSeconds(1), _lease.Over);

        _lease.End();
        Assert.Equal(TimeSpan.FromSeconds(1), _lease.Over);
        _lease.Begin(_clock.GetTimestamp(), s_length);
        _lease.End();
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(TimeSpan.FromSeconds(2), _lease.Over);
    }

    [Fact]
    public void Its_clock_counts_from_when_the_machine_started_suspension_included()
    {
        var uptime = double.Parse(
            File.ReadAllText("/proc/uptime").Split(' ')[0], CultureInfo.InvariantCulture);
        var boot = BootTimeProvider.Instance;
        Assert.InRange(
            boot.GetElapsedTime(0, boot.GetTimestamp()), TimeSpan.FromSeconds(uptime - 1),
            TimeSpan.FromSeconds(uptime + 10));
        Assert.Same(boot, LeaseClock.Of(TimeProvider.System).Time);
        Assert.Same(_clock, LeaseClock.Of(_clock).Time);
    }
}
