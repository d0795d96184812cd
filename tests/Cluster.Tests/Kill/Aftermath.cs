using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Vault.Protocol.Manifests;
using Vault.Storage.Volumes;

namespace Vault.Cluster.Tests.Kill;

/// <summary>
/// What must be on disk when the load is over: every reference count is the number of references, every volume passes
/// a scrub, and once the horizons are past no byte is left that nothing refers to.
/// </summary>
internal static class Aftermath
{
    private const string Unreferenced =
        "select (select count(*) from manifest where refs = 0) + (select count(*) from upload where state = 0)";

    private const string Composites =
        """
        select coalesce(m.body, (select string_agg(p.body, ''::bytea order by p.page)
          from manifest_page p where p.object_id = m.object_id))
        from manifest m where m.kind = 1 and m.refs > 0
        """;

    private static readonly Dictionary<string, string> NoHorizons = new()
    {
        ["Reclaim__Period"] = "00:00:01",
        ["Reclaim__DeadGrace"] = "00:00:00",
        ["Reclaim__OrphanAge"] = "00:00:00",
        ["Reclaim__UploadAge"] = "00:00:00",
        ["Reclaim__GatewayLapse"] = "00:00:00",
    };

    /// <summary>Lets everything go that nothing refers to.</summary>
    public static async Task ReclaimAsync(KillTarget target, string bucket, CancellationToken ct)
    {
        await using var database = NpgsqlDataSource.Create(target.DatabaseUrl);
        await target.RestartAsync(NoHorizons, ct);
        // Each round ends after a pass of reclaim has begun; the third therefore after one has run from end to end.
        for (var round = 0; round < 3; round++)
        {
            await target.Gateways[0].PutAsync(bucket, "marker", new byte[10_000], ct);
            await target.Gateways[0].DeleteAsync(bucket, "marker", ct);
            await Metrics.UntilAsync(async () => await CountAsync(database, Unreferenced, ct) == 0, ct);
        }
    }

    /// <summary>Recounts the references, ends the processes, and scrubs and lists the volumes.</summary>
    public static async Task CheckAsync(KillTarget target, CancellationToken ct)
    {
        await using var database = NpgsqlDataSource.Create(target.DatabaseUrl);
        await CheckReferencesAsync(database, ct);
        var known = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var row in RowsAsync(database, "select encode(object_id, 'hex') from manifest", ct))
            known.Add(row.GetString(0));
        foreach (var path in await target.StopAsync(ct)) await CheckVolumeAsync(path, known, ct);
    }

    /// <summary>Recounts what refers to each manifest: heads, parts of open uploads, composites.</summary>
    private static async Task CheckReferencesAsync(NpgsqlDataSource database, CancellationToken ct)
    {
        var counted = new Dictionary<string, long>(StringComparer.Ordinal);
        await foreach (var row in RowsAsync(database,
            "select encode(object_id, 'hex') from object_head where object_id is not null "
            + "union all select encode(object_id, 'hex') from upload_part", ct))
            counted[row.GetString(0)] = counted.GetValueOrDefault(row.GetString(0)) + 1;
        await foreach (var row in RowsAsync(database, Composites, ct))
        {
            Assert.True(CompositeManifest.TryDecode(row.GetFieldValue<byte[]>(0), out var composite));
            foreach (var part in composite.Parts.ToArray())
            {
                var id = part.ObjectId.ToString();
                counted[id] = counted.GetValueOrDefault(id) + 1;
            }
        }

        var faults = new List<string>();
        await foreach (var row in RowsAsync(database, "select encode(object_id, 'hex'), refs from manifest", ct))
        {
            counted.Remove(row.GetString(0), out var references);
            if (references != row.GetInt64(1))
                faults.Add($"manifest {row.GetString(0)} says {row.GetInt64(1)}, counted {references}");
        }

        faults.AddRange(counted.Keys.Select(id => $"{id} is referred to and has no manifest"));
        Assert.True(faults.Count == 0, string.Join('\n', faults.Take(20)));
    }

    private static async Task CheckVolumeAsync(string path, HashSet<string> known, CancellationToken ct)
    {
        var options = new VolumeOptions
        {
            Path = path, Number = Assert.NotNull(Volume.NumberOf(path)), DatabaseReserveBytes = 0, LogBytes = 64 << 20,
            ScrubBytesPerSecond = 1L << 30,
        };
        var damaged = 0;
        await using var volume = await Volume.OpenAsync(
            options, null, TimeProvider.System, NullLoggerFactory.Instance, null, ct);
        volume.Damaged += _ => damaged++;
        await volume.ScrubAsync(DateTimeOffset.MaxValue, ct);
        Assert.Equal(0, damaged);
        var records = new ShardRecord[1000];
        var orphans = new List<string>();
        for (ulong after = 0; volume.List(after, records) is var count and > 0; after = records[count - 1].Sequence)
        {
            orphans.AddRange(records.Take(count).Where(r => !known.Contains(r.ObjectId.ToString()))
                .Select(r => r.ObjectId.ToString()));
        }

        Assert.True(orphans.Count == 0, $"{orphans.Count} records on {path} belong to nothing");
    }

    private static async Task<long> CountAsync(NpgsqlDataSource database, string sql, CancellationToken ct)
    {
        await using var command = database.CreateCommand(sql);
        return Convert.ToInt64(await command.ExecuteScalarAsync(ct), CultureInfo.InvariantCulture);
    }

    private static async IAsyncEnumerable<NpgsqlDataReader> RowsAsync(
        NpgsqlDataSource database, string sql,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        await using var command = database.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct)) yield return reader;
    }
}
