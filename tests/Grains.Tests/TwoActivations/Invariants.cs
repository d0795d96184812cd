using System.Globalization;
using Vault.Protocol.Manifests;
using Vault.Storage.Volumes;

namespace Vault.Grains.Tests.TwoActivations;

/// <summary>What the tables must say whoever wrote them.</summary>
internal static class Invariants
{
    /// <summary>Queries whose every row is a fault.</summary>
    private static readonly string[] Faults =
    [
        // every head has its body, every body its head
        """
        select 'head without body ' || body_id::text from object_head h
        where not exists (select 1 from object_body b where b.body_id = h.body_id)
        """,
        """
        select 'body without head ' || body_id::text from object_body b
        where not exists (select 1 from object_head h where h.body_id = b.body_id)
        """,
        // counters are what can be counted
        """
        select 'usage of ' || encode(b.bucket_id, 'hex') || ': counted ' || coalesce(h.objects, 0)::text || ', '
          || coalesce(h.bytes, 0)::text || ', said ' || coalesce(u.objects, 0)::text || ', ' || coalesce(u.bytes, 0)::text
        from bucket b
        left join (select bucket_id, count(*) objects, sum(size) bytes from object_head group by bucket_id) h
          on h.bucket_id = b.bucket_id
        left join (select bucket_id, sum(objects) objects, sum(bytes) bytes from usage_bucket group by bucket_id) u
          on u.bucket_id = b.bucket_id
        where coalesce(h.objects, 0) <> coalesce(u.objects, 0) or coalesce(h.bytes, 0) <> coalesce(u.bytes, 0)
        """,
        // a name is one bucket's, a bucket has its name
        """
        select 'name ' || coalesce(n.name, b.name) from bucket_name n full join bucket b on b.bucket_id = n.bucket_id
        where n.name is distinct from b.name
        """,
        "select 'head of no bucket' from object_head h where not exists (select 1 from bucket b where b.bucket_id = h.bucket_id)",
        // an upload that ended has no parts, a completed one an answer
        """
        select 'upload ' || encode(u.upload_id, 'hex') || ' in state ' || u.state::text from upload u
        where (u.state <> 0 and exists (select 1 from upload_part p where p.upload_id = u.upload_id))
          or (u.state = 1) <> (u.result_box is not null)
        """,
        // each generation of a bucket's key is there once, up to the current one
        """
        select 'keys of ' || b.name from bucket b
        where (select count(*) from bucket_key_box k where k.bucket_id = b.bucket_id) <> b.key_no
        """,
        // nobody who may use a generation was left out of the next
        """
        select 'credential without a key of ' || b.name from bucket b
        join credential_bucket_key_box k on k.bucket_id = b.bucket_id
        join credential c on c.lookup = k.lookup and c.revoked_ms is null and c.public_key is not null
        where not exists (select 1 from credential_bucket_key_box n
          where n.lookup = k.lookup and n.bucket_id = b.bucket_id and n.key_no = b.key_no)
        """,
        "select 'dead, and when? ' || encode(object_id, 'hex') from manifest where (refs = 0) <> (dead_ms is not null)",
        "select 'late commit of ' || grain || ': ' || (seq >> 32)::text || ' under ' || coalesce(fence, 0)::text "
            + "from late_commit",
    ];

    /// <summary>What is wrong; empty when nothing is.</summary>
    public static async Task<List<string>> CheckAsync(SqlView sql)
    {
        var faults = new List<string>();
        foreach (var query in Faults) faults.AddRange(await sql.ReadAsync<string>(query));
        await RecountAsync(sql, faults);
        return faults;
    }

    /// <summary>References are heads, parts of open uploads, and composites that live.</summary>
    private static async Task RecountAsync(SqlView sql, List<string> faults)
    {
        var counted = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var id in await sql.ReadAsync<string>(
            """
            select encode(object_id, 'hex') from object_head where object_id is not null
            union all select encode(object_id, 'hex') from upload_part
            """))
        {
            counted[id] = counted.GetValueOrDefault(id) + 1;
        }

        // those that have died keep their parts until reclaim has seen them
        foreach (var body in await sql.ReadAsync<byte[]>("select body from manifest where kind = 1"))
        {
            Assert.True(CompositeManifest.TryDecode(body, out var composite));
            foreach (var part in composite.Parts.ToArray())
            {
                var id = part.ObjectId.ToString();
                counted[id] = counted.GetValueOrDefault(id) + 1;
            }
        }

        foreach (var row in await sql.ReadAsync<string>(
            "select encode(object_id, 'hex') || ' ' || refs::text from manifest"))
        {
            var words = row.Split(' ');
            counted.Remove(words[0], out var references);
            if (references != long.Parse(words[1], CultureInfo.InvariantCulture))
                faults.Add($"manifest {words[0]} says {words[1]}, counted {references}");
        }

        faults.AddRange(counted.Keys.Select(static id => $"{id} is referred to and has no manifest"));
    }

    /// <summary>Every shard that a living manifest names is there, and nothing else is.</summary>
    public static async Task<List<string>> CheckVolumeAsync(TwinClusters twins)
    {
        var faults = new List<string>();
        var named = new HashSet<ulong>();
        foreach (var body in await twins.Sql.ReadAsync<byte[]>("select body from manifest where kind = 0"))
        {
            Assert.True(BodyManifest.TryDecode(body, out var manifest));
            foreach (var shard in manifest.Shards.ToArray())
            {
                named.Add(shard.Sequence);
                if (twins.One.Volume.Find(shard.Cid) is null) faults.Add($"shard {shard.Cid} is gone");
            }
        }

        var records = new ShardRecord[512];
        for (ulong after = 0; twins.One.Volume.List(after, records) is var count and > 0;
            after = records[count - 1].Sequence)
        {
            faults.AddRange(records.Take(count).Where(r => !named.Contains(r.Sequence))
                .Select(static r => $"shard {r.Cid} belongs to nothing"));
        }

        return faults;
    }
}
