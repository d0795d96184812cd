using System.Collections.Immutable;
using Vault.Runtime.Activation;
using Vault.Runtime.Ownership;

namespace Vault.Runtime.Tests.Ownership;

public sealed class ViewTests
{
    private static readonly GrainAdvert[] s_adverts = [new("t", "N.T", ["i"])];

    [Fact]
    public void Shares_follow_weights_and_a_change_moves_only_what_it_must()
    {
        var members = ImmutableArray.Create(Member(1, 1), Member(2, 1), Member(3, 2));
        var before = new ClusterView(1, members, [], []);
        var after = new ClusterView(2, members.RemoveAt(0), [], []);
        var shares = new int[4];
        for (var i = 0; i < 40_000; i++)
        {
            var id = GrainId.Create("t", $"grain {i}");
            var owner = before.OwnerOf(id)!;
            shares[owner.Generation]++;
            if (owner.Generation != 1)
            {
                Assert.Equal(owner, after.OwnerOf(id));
            }
        }

        Assert.InRange(shares[1], 9_500, 10_500);
        Assert.InRange(shares[2], 9_500, 10_500);
        Assert.InRange(shares[3], 19_000, 21_000);
    }

    [Fact]
    public void Only_silos_that_advertise_a_class_own_its_grains()
    {
        var view = new ClusterView(1, [Member(1, 1), new Member(Address(2), "2", 1, [])], [], []);

        for (var i = 0; i < 50; i++)
        {
            Assert.Equal(Address(1), view.OwnerOf(GrainId.Create("t", $"{i}")));
        }

        Assert.Null(view.OwnerOf(GrainId.Create("other", "x")));
    }

    [Fact]
    public void A_grain_with_one_owner_since_the_lowest_acknowledged_view_is_served_without_a_pause()
    {
        var (stays, moves) = Grains();

        var snapshot = Snapshot((1, 3), (2, 4));

        Assert.True(snapshot.MayActivate(stays, Address(1)));
        Assert.False(snapshot.MayActivate(moves, snapshot.Current.OwnerOf(moves)!));
    }

    [Fact]
    public void A_grain_that_moved_is_served_when_every_live_member_has_acknowledged_the_current_view()
    {
        var (_, moves) = Grains();

        Assert.False(Snapshot((1, 4), (2, 3)).MayActivate(moves, Address(2)));
        Assert.True(Snapshot((1, 4), (2, 4)).MayActivate(moves, Address(2)));
    }

    [Fact]
    public async Task A_leaver_counts_until_it_has_acknowledged_and_is_retired_then()
    {
        var membership = new InMemoryMembership();
        await membership.JoinAsync(Member(1, 1), CancellationToken.None);
        await membership.JoinAsync(Member(2, 1), CancellationToken.None);
        await membership.AcknowledgeAsync(Address(1), 2, CancellationToken.None);

        await membership.LeaveAsync(Address(2), CancellationToken.None);
        await membership.AcknowledgeAsync(Address(1), 3, CancellationToken.None);
        var leaving = membership.Current;
        await membership.AcknowledgeAsync(Address(2), 3, CancellationToken.None);
        var left = membership.Current;

        Assert.Equal([Address(1)], leaving.Current.Owners.Select(m => m.Address));
        Assert.Equal(2, leaving.Acknowledged[Address(2)]);
        Assert.Equal(2, leaving.Views[0].Number);
        Assert.False(left.Current.Contains(Address(2)));
        Assert.Equal([Address(2)], left.Current.Retired);
        Assert.Equal([4], left.Views.Select(v => v.Number).Where(n => n > 3));
    }

    [Fact]
    public async Task A_member_that_is_removed_is_gone_at_once_and_not_retired()
    {
        var membership = new InMemoryMembership();
        await membership.JoinAsync(Member(1, 1), CancellationToken.None);
        await membership.JoinAsync(Member(2, 1), CancellationToken.None);

        await membership.RemoveAsync(Address(2), CancellationToken.None);

        Assert.False(membership.Current.Current.Contains(Address(2)));
        Assert.Empty(membership.Current.Current.Retired);
        Assert.DoesNotContain(Address(2), membership.Current.Acknowledged.Keys);
    }

    /// <summary>View 3: silo 1 alone; view 4: silos 1 and 2.</summary>
    private static ClusterSnapshot Snapshot(params (int Silo, long View)[] acknowledged) => new(
        1,
        [new ClusterView(3, [Member(1, 1)], [], []), new ClusterView(4, [Member(1, 1), Member(2, 1)], [], [])],
        acknowledged.ToImmutableDictionary(a => Address(a.Silo), a => a.View));

    private static (GrainId Stays, GrainId Moves) Grains()
    {
        var view = Snapshot().Current;
        var ids = Enumerable.Range(0, 100).Select(i => GrainId.Create("t", $"{i}")).ToList();
        return (
            ids.First(id => Address(1).Equals(view.OwnerOf(id))), ids.First(id => Address(2).Equals(view.OwnerOf(id))));
    }

    private static SiloAddress Address(int number) =>
        SiloAddress.New(System.Net.IPAddress.Loopback, 1000 + number, number);

    private static Member Member(int number, int weight) => new(Address(number), $"{number}", weight, s_adverts);
}
