using System.Collections.Immutable;
using System.Net;
using Vault.Runtime.Ownership;
using Vault.Runtime.Tests.Support;

namespace Vault.Runtime.Tests.Ownership;

public sealed class LeaseWatchTests
{
    private readonly FakeClock _clock = new();
    private readonly LeaseWatch _watch;

    public LeaseWatchTests() => _watch = new LeaseWatch(new MembershipOptions(), _clock);

    [Fact]
    public void A_silo_is_removed_once_its_renewals_were_read_unchanged_for_four_seconds()
    {
        var silo = Silo(1, renewals: 7);
        for (var polls = 0; polls < 16; polls++)
        {
            Read(silo);
            Assert.Empty(_watch.Due(Cluster(silo), self: null));
            _clock.Advance(TimeSpan.FromMilliseconds(250));
        }

        Read(silo);

        Assert.Equal([new Removal(silo.Address, RemovalCondition.Unchanged, 7)], _watch.Due(Cluster(silo), self: null));
        Assert.Empty(_watch.Due(Cluster(silo), self: silo.Address));
    }

    [Fact]
    public void A_renewal_begins_the_four_seconds_anew()
    {
        Silence(Silo(1, renewals: 7), polls: 16);
        Silence(Silo(1, renewals: 8), polls: 16);

        Assert.Empty(_watch.Due(Cluster(Silo(1, renewals: 8)), self: null));
    }

    [Fact]
    public void Only_the_time_from_an_answer_to_a_question_counts()
    {
        var silo = Silo(1, renewals: 7);
        Silence(silo, polls: 16);
        var sentAt = _clock.GetTimestamp() - 1;

        _watch.Took(Cluster(silo), sentAt);

        Assert.Empty(_watch.Due(Cluster(silo), self: null));
    }

    [Fact]
    public void A_reading_that_failed_begins_the_four_seconds_anew()
    {
        var silo = Silo(1, renewals: 7);
        Silence(silo, polls: 15);
        _watch.Missed();
        Silence(silo, polls: 4);

        Assert.Empty(_watch.Due(Cluster(silo), self: null));
    }

    [Fact]
    public void A_pause_of_this_process_proves_nothing_about_the_others()
    {
        var silo = Silo(1, renewals: 7);
        Read(silo);
        _clock.Advance(TimeSpan.FromSeconds(10));
        Read(silo);

        Assert.Empty(_watch.Due(Cluster(silo), self: null));
    }

    [Fact]
    public void A_leaver_that_has_acknowledged_and_a_process_that_has_ended_are_removed_at_once()
    {
        var left = Silo(1, renewals: 7) with { Leaving = 3, Acknowledged = 3 };
        var leaving = Silo(2, renewals: 7) with { Leaving = 3, Acknowledged = 2 };
        var ended = Silo(3, renewals: 7) with { Ended = true };

        _watch.Took(Cluster(left, leaving, ended), _clock.GetTimestamp());

        Assert.Equal(
            [RemovalCondition.Left, RemovalCondition.Ended],
            _watch.Due(Cluster(left, leaving, ended), self: null).Select(r => r.Condition));
    }

    [Fact]
    public void Views_keep_their_distance()
    {
        Read(Silo(1, 0));
        _clock.Advance(TimeSpan.FromMilliseconds(300));
        Assert.Equal(TimeSpan.FromMilliseconds(200), _watch.UntilNextView());
        _clock.Advance(TimeSpan.FromMilliseconds(200));
        Assert.Equal(TimeSpan.Zero, _watch.UntilNextView());
    }

    private static SiloAddress Address(int number) => SiloAddress.New(IPAddress.Loopback, 1000 + number, number);

    private static StoredSilo Silo(int number, long renewals) => new()
    {
        Address = Address(number), Name = "", Process = "", Weight = 1, Adverts = [], Renewals = renewals, Joined = 1,
        Acknowledged = 2,
    };

    private static StoredCluster Cluster(params ImmutableArray<StoredSilo> silos) =>
        new("system", 1, [new StoredView(2, 1)], silos);

    private void Read(StoredSilo silo) => _watch.Took(Cluster(silo), _clock.GetTimestamp());

    private void Silence(StoredSilo silo, int polls)
    {
        for (; polls > 0; polls--)
        {
            Read(silo);
            _clock.Advance(TimeSpan.FromMilliseconds(250));
        }
    }
}
