using Vault.Sql;

namespace Vault.Grains.Nodes;

/// <summary>Nodes and their volumes.</summary>
internal static class NodeTable
{
    public static readonly SqlQuery<bool, NodeRow> Nodes = new(
        "select node_id, host, endpoint, away_ms, name from node order by node_id",
        static (_, _) => { },
        static row => new NodeRow
        {
            NodeId = new Guid(row.BlobSpan(0), bigEndian: true), Host = row.Text(1), Endpoint = row.Text(2),
            AwayMs = row.IsNull(3) ? null : row.Bigint(3), Name = row.IsNull(4) ? "" : row.Text(4),
        });

    public static readonly SqlQuery<bool, VolumeRow> Volumes = new(
        "select number, volume_id, node_id, free_bytes, state from volume order by number",
        static (_, _) => { },
        static row => new VolumeRow
        {
            Number = checked((uint)row.Bigint(0)), VolumeId = new Guid(row.BlobSpan(1), bigEndian: true),
            NodeId = new Guid(row.BlobSpan(2), bigEndian: true), FreeBytes = row.Bigint(3), Lost = row.Bigint(4) == 1,
        });

    public static readonly SqlStatement<NodeRow> PutNode = new(
        """
        insert into node (node_id, host, endpoint, name, beats, registered_ms)
        values (@node, @host, @endpoint, @name, 0, {now_ms})
        on conflict (node_id) do update
        set host = excluded.host, endpoint = excluded.endpoint, name = excluded.name, away_ms = null
        """,
        static (p, n) =>
        {
            p.Guid("node", n.NodeId);
            p.Text("host", n.Host);
            p.Text("endpoint", n.Endpoint);
            p.Text("name", n.Name);
        });

    public static readonly SqlStatement<VolumeRow> PutVolume = new(
        """
        insert into volume (number, volume_id, node_id, capacity_bytes, free_bytes, state)
        values (@number, @volume, @node, @capacity, @free, 0)
        on conflict (number) do update
        set node_id = excluded.node_id, capacity_bytes = excluded.capacity_bytes, free_bytes = excluded.free_bytes,
          state = 0, lost_ms = null, checked_ms = null, check_after = null
        """,
        static (p, v) =>
        {
            p.Bigint("number", v.Number);
            p.Guid("volume", v.VolumeId);
            p.Guid("node", v.NodeId);
            p.Bigint("capacity", v.CapacityBytes);
            p.Bigint("free", v.FreeBytes);
        });

    /// <summary>Gives a volume's shards up; the search for objects that name it begins.</summary>
    public static readonly SqlStatement<uint> Lose = new(
        """
        update volume set state = 1, lost_ms = {now_ms}, checked_ms = null, check_after = null
        where number = @number and state = 0
        """,
        static (p, number) => p.Bigint("number", number));

    public static readonly SqlStatement<NodeAway> SetAway = new(
        "update node set away_ms = case when @away = 1 then coalesce(away_ms, {now_ms}) end where node_id = @node",
        static (p, a) =>
        {
            p.Bigint("away", a.Away ? 1 : 0);
            p.Guid("node", a.NodeId);
        });

    public static readonly SqlStatement<NodeBeats> SaveBeats = new(
        "update node set beats = @beats where node_id = @node",
        static (p, b) =>
        {
            p.Bigint("beats", b.Beats);
            p.Guid("node", b.NodeId);
        });

    public static readonly SqlStatement<VolumeRow> SaveRoom = new(
        "update volume set free_bytes = @free, capacity_bytes = @capacity where number = @number",
        static (p, v) =>
        {
            p.Bigint("free", v.FreeBytes);
            p.Bigint("capacity", v.CapacityBytes);
            p.Bigint("number", v.Number);
        });

    /// <summary>Volumes in use whose node has been away too long.</summary>
    public static readonly SqlQuery<long, VolumeNumberRow> LongAway = new(
        """
        select v.number from volume v join node n on n.node_id = v.node_id
        where v.state = 0 and n.away_ms <= {now_ms} - @age
        """,
        static (p, age) => p.Bigint("age", age),
        static row => new VolumeNumberRow(checked((uint)row.Bigint(0))));

    /// <summary>
    /// Above every number that was given or is known: a database that was restored may have forgotten what it gave. 1
    /// is never given.
    /// </summary>
    public static readonly SqlQuery<bool, VolumeNumberRow> TakeNumber = new(
        """
        insert into volume_number (one, used)
        select 1, coalesce(max(number), 1) + 1 from volume where number > 0
        on conflict (one) do update
        set used = case when excluded.used > volume_number.used then excluded.used else volume_number.used + 1 end
        returning used
        """,
        static (_, _) => { },
        static row => new VolumeNumberRow(checked((uint)row.Bigint(0))));

    private static void Guid(this SqlParameters parameters, string name, Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        parameters.Blob(name, bytes);
    }
}

/// <summary>A registered node.</summary>
internal sealed record NodeRow
{
    public required Guid NodeId { get; init; }

    public required string Host { get; init; }

    public required string Endpoint { get; init; }

    /// <summary>What is kept when the node's disk and address are not; may be empty.</summary>
    public string Name { get; init; } = "";

    /// <summary>The database's time since which it has been missed; null while it is there.</summary>
    public long? AwayMs { get; init; }
}

/// <summary>A registered volume.</summary>
internal sealed record VolumeRow
{
    public required uint Number { get; init; }

    public required Guid VolumeId { get; init; }

    public required Guid NodeId { get; init; }

    public long CapacityBytes { get; init; }

    public required long FreeBytes { get; init; }

    public bool Writable { get; init; } = true;

    public required bool Lost { get; init; }
}

/// <summary>Whether a node is missed.</summary>
internal readonly record struct NodeAway(Guid NodeId, bool Away);

/// <summary>A node's heartbeats so far.</summary>
internal readonly record struct NodeBeats(Guid NodeId, long Beats);

/// <summary>A number.</summary>
internal sealed record VolumeNumberRow(uint Number);
