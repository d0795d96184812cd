using System.Collections.Immutable;
using Vault.Grains.Abstractions.Nodes;
using Vault.Grains.Nodes;
using Vault.Grains.Store;
using Vault.Sql;

namespace Vault.Grains.Tests.Nodes;

public sealed class NodeDirectoryTests(Databases databases)
{
    [Theory, OnBoth]
    public async Task Nodes_register_beat_leave_and_come_back(SqlKind kind)
    {
        await using var cluster = await Cluster.StartAsync(databases, kind);
        var directory = cluster.Grains.GetGrain<INodeDirectoryGrain>(0);
        var (a, b) = (Node("a", 2), Node("b", 3));
        Assert.Equal(NodeStatus.Unknown, await directory.BeatAsync(Beat(a, 1), default));
        Assert.Equal(NodeStatus.Ok, await directory.RegisterAsync(a, default));
        Assert.Equal(NodeStatus.Ok, await directory.RegisterAsync(b, default));
        Assert.Equal(NodeStatus.Ok, await directory.BeatAsync(Beat(a, 1), default));
        var listing = (await directory.ListAsync(0, default))!;
        Assert.Equal(["a", "b"], listing.Nodes.Select(static n => n.Host).Order());
        Assert.All(listing.Nodes, static n => Assert.True(n.Up && !n.Volumes[0].Lost && n.Volumes[0].Writable));
        Assert.Null(await directory.ListAsync(listing.Epoch, default));

        await directory.LeaveAsync(a.NodeId, default);
        Assert.False(Of(await directory.ListAsync(listing.Epoch, default), a).Up);
        Assert.Equal(NodeStatus.Ok, await directory.BeatAsync(Beat(a, 2), default));
        Assert.True(Of(await directory.ListAsync(0, default), a).Up);
    }

    [Theory, OnBoth]
    public async Task An_endpoint_that_comes_back_empty_has_lost_its_volume_until_it_returns(SqlKind kind)
    {
        await using var cluster = await Cluster.StartAsync(databases, kind);
        var directory = cluster.Grains.GetGrain<INodeDirectoryGrain>(0);
        var full = Node("a", 2);
        await directory.RegisterAsync(full, default);
        var empty = Node("a", 5);
        Assert.Equal(NodeStatus.Ok, await directory.RegisterAsync(empty, default));
        var listing = await directory.ListAsync(0, default);
        Assert.True(Of(listing, full).Volumes[0].Lost);
        Assert.False(Of(listing, full).Up);
        Assert.False(Of(listing, empty).Volumes[0].Lost);
        Assert.Equal(NodeStatus.Unknown, await directory.BeatAsync(Beat(full, 9), default));

        // So it is with another address, when the name says that it is the same.
        var (named, renewed) = (Node("b", 7) with { Name = "pod-1:9100" }, Node("c", 8) with { Name = "pod-1:9100" });
        await directory.RegisterAsync(named, default);
        await directory.RegisterAsync(renewed, default);
        Assert.True(Of(await directory.ListAsync(0, default), named).Volumes[0].Lost);
        Assert.False(Of(await directory.ListAsync(0, default), renewed).Volumes[0].Lost);

        // The old disk is found again and mounted elsewhere.
        Assert.Equal(NodeStatus.Ok, await directory.RegisterAsync(full with { Endpoint = "z:1" }, default));
        Assert.False(Of(await directory.ListAsync(0, default), full).Volumes[0].Lost);
    }

    [Fact]
    public async Task Who_was_away_for_long_is_given_up_only_after_a_while_of_waiting_for_him()
    {
        await using var cluster = await Cluster.StartAsync(databases, SqlKind.Sqlite);
        var directory = cluster.Grains.GetGrain<INodeDirectoryGrain>(0);
        var (gone, here) = (Node("a", 2), Node("b", 3));
        await directory.RegisterAsync(gone, default);
        await directory.RegisterAsync(here, default);
        await directory.LeaveAsync(gone.NodeId, default);
        cluster.Time.Advance(TimeSpan.FromHours(5));

        await SavedAsync(1, TimeSpan.FromSeconds(31));
        Assert.False(Of(await directory.ListAsync(0, default), gone).Volumes[0].Lost);
        await SavedAsync(2, TimeSpan.FromMinutes(10));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!Of(await directory.ListAsync(0, default), gone).Volumes[0].Lost) await timer.WaitForNextTickAsync();
        Assert.False(Of(await directory.ListAsync(0, default), here).Volumes[0].Lost);

        // Until the directory has written what it knows.
        async Task SavedAsync(long free, TimeSpan after)
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
            var volumes = here.Volumes.Select(v => v with { FreeBytes = free }).ToImmutableArray();
            for (var counter = free << 32; ; counter++)
            {
                await directory.BeatAsync(Beat(here, counter) with { Volumes = volumes }, default);
                if (counter == free << 32) cluster.Time.AdvanceElapsed(after);
                var rows = await cluster.Database.ReadAsync(NodeTable.Volumes, true, default);
                if (rows.Any(v => v.FreeBytes == free)) return;
                await timer.WaitForNextTickAsync();
            }
        }
    }

    [Theory, OnBoth]
    public async Task A_number_belongs_to_one_volume(SqlKind kind)
    {
        await using var cluster = await Cluster.StartAsync(databases, kind);
        var directory = cluster.Grains.GetGrain<INodeDirectoryGrain>(0);
        await directory.RegisterAsync(Node("a", 2), default);
        Assert.Equal(NodeStatus.NumberTaken, await directory.RegisterAsync(Node("b", 2), default));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => directory.RegisterAsync(Node("c", 0), default));
    }

    [Theory, OnBoth]
    public async Task A_number_is_given_once_also_by_a_database_that_has_forgotten_what_it_gave(SqlKind kind)
    {
        await using var cluster = await Cluster.StartAsync(databases, kind);
        var directory = cluster.Grains.GetGrain<INodeDirectoryGrain>(0);
        Assert.Equal([2u, 3u], await TakeAsync(2));
        await directory.RegisterAsync(Node("a", 3), default);
        Assert.Equal([4u], await TakeAsync(1));
        var late = Node("b", 9); // its number was given after the backup
        await directory.RegisterAsync(late, default);
        Assert.Equal([10u, 11u], await TakeAsync(2));
        Assert.True(await VolumeNumbers.IsKnownAsync(cluster.Database, late.Volumes[0].VolumeId, default));
        Assert.False(await VolumeNumbers.IsKnownAsync(cluster.Database, Guid.NewGuid(), default));

        async Task<List<uint>> TakeAsync(int count)
        {
            var taken = new List<uint>();
            while (taken.Count < count) taken.Add(await VolumeNumbers.TakeAsync(cluster.Database, default));
            return taken;
        }
    }

    [Theory, OnBoth]
    public async Task The_first_number_is_above_that_of_a_volume_by_itself_and_of_all_that_are_known(SqlKind kind)
    {
        await using var cluster = await Cluster.StartAsync(databases, kind);
        await cluster.Grains.GetGrain<INodeDirectoryGrain>(0).RegisterAsync(Node("a", 6), default);
        Assert.Equal(7u, await VolumeNumbers.TakeAsync(cluster.Database, default));
    }

    private static NodeEntry Of(NodeListing? listing, NodeRegistration node) =>
        listing!.Nodes.Single(n => n.NodeId == node.NodeId);

    private static NodeRegistration Node(string host, uint volume) => new()
    {
        NodeId = Guid.NewGuid(), Host = host, Endpoint = $"{host}:9100",
        Volumes =
        [
            new VolumeReport
            {
                Number = volume, VolumeId = Guid.NewGuid(), CapacityBytes = 1 << 30, FreeBytes = 1 << 29,
                Writable = true,
            },
        ],
    };

    private static NodeBeat Beat(NodeRegistration node, long counter) =>
        new() { NodeId = node.NodeId, Counter = counter, Volumes = node.Volumes };
}
