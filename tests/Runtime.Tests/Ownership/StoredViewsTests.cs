using System.Net;
using Vault.Runtime.Ownership;

namespace Vault.Runtime.Tests.Ownership;

public sealed class StoredViewsTests
{
    [Fact]
    public void Views_are_made_of_when_silos_joined_left_and_went()
    {
        var cluster = new StoredCluster(
            "a", 9, [new StoredView(1, 1), new StoredView(2, 2), new StoredView(3, 3), new StoredView(5, 5)],
            [
                Silo(1) with { Joined = 1, Acknowledged = 2 },
                Silo(2) with { Joined = 2, Leaving = 3, Acknowledged = 2 },
                Silo(3) with { Joined = 1, Leaving = 2, Gone = 3, Retired = true },
                Silo(4) with { Joined = 2, Gone = 5 },
            ]);

        var snapshot = new StoredViews().Take(cluster)!;

        Assert.Equal([2, 3, 5], snapshot.Views.Select(v => v.Number));
        Assert.Equal([Address(1), Address(2), Address(4)], snapshot.Views[0].Owners.Select(m => m.Address));
        Assert.Equal([Address(3)], snapshot.Views[0].Leavers.Select(m => m.Address));
        Assert.Equal([Address(1), Address(4)], snapshot.Views[1].Owners.Select(m => m.Address));
        Assert.Equal([Address(1)], snapshot.Current.Owners.Select(m => m.Address));
        Assert.Equal([Address(2)], snapshot.Current.Leavers.Select(m => m.Address));
        Assert.Equal([Address(3)], snapshot.Current.Retired);
        Assert.Equal([(Address(1), 2L), (Address(2), 2L)],
            snapshot.Acknowledged.Select(a => (a.Key, a.Value)).OrderBy(a => a.Key));
    }

    [Fact]
    public void Another_system_a_lower_revision_or_view_and_another_stamp_contradict_what_was_read()
    {
        var views = new StoredViews();
        var read = new StoredCluster("a", 5, [new StoredView(3, 30), new StoredView(4, 40)], [Silo(1)]);
        views.Take(read);

        Assert.False(views.Contradicts(read));
        Assert.False(views.Contradicts(read with { Revision = 6, Views = [.. read.Views, new StoredView(5, 50)] }));
        Assert.False(views.Contradicts(read with { Revision = 9, Views = [new StoredView(7, 70)] }));
        Assert.True(views.Contradicts(read with { System = "b" }));
        Assert.True(views.Contradicts(read with { Revision = 4 }));
        Assert.True(views.Contradicts(read with { Revision = 6, Views = [new StoredView(3, 30)] }));
        Assert.True(views.Contradicts(
            read with { Revision = 8, Views = [new StoredView(3, 30), new StoredView(4, 41), new StoredView(5, 50)] }));
        Assert.True(views.Contradicts(
            read with { Revision = 8, Views = [new StoredView(3, 30), new StoredView(5, 50)] }));
    }

    [Fact]
    public void The_next_view_is_above_all_that_were_seen_also_after_the_database_went_back()
    {
        var views = new StoredViews();
        views.Take(new StoredCluster("a", 50, [new StoredView(40, 1)], []));
        var back = new StoredCluster("a", 7, [new StoredView(6, 1)], []);
        views.Take(back);

        var next = views.Next(back, new Random(1));

        Assert.Equal((6, 41, 51), (next.From, next.To, next.Revision));
    }

    [Fact]
    public void A_reading_that_leaves_out_what_is_not_known_is_asked_for_in_full()
    {
        var views = new StoredViews();
        var full = new StoredCluster("a", 5, [new StoredView(3, 30)], [Silo(1)]);
        Assert.NotNull(views.Take(full));
        Assert.NotNull(views.Take(full with { Silos = [Silo(1) with { Adverts = null }] }));
        Assert.Equal(5, views.KnownRevision);

        Assert.Null(views.Take(full with { Silos = [Silo(2) with { Adverts = null }] }));
        Assert.Equal(-1, views.KnownRevision);
    }

    private static SiloAddress Address(int number) => SiloAddress.New(IPAddress.Loopback, 1000 + number, number);

    private static StoredSilo Silo(int number) => new()
    {
        Address = Address(number), Name = "", Process = "", Weight = 1, Adverts = [], Joined = 1,
    };
}
