using StackExchange.Redis;

namespace Vault.Events.Redis;

/// <summary>
/// Records that every front end reads, kept in Redis for less than a minute, and marks of those that have changed.
/// It holds what it is given: the caller seals. Ages are Redis's own: no two clocks are compared.
/// </summary>
/// <remarks>
/// docs/spec/events.md, section 4. A record that was read before a change cannot come in after it: the mark of the
/// change outlives every read that was under way.
/// </remarks>
public sealed class RedisRecords
{
    /// <summary>Longest life of a record, counted from before it was read.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromSeconds(60);

    private const string Clock = """
        local t = redis.call('TIME')
        local now = t[1] * 1000 + math.floor(t[2] / 1000)

        """;

    private const string Find = Clock + """
        local r = redis.call('HMGET', KEYS[1], 'v', 'p', 't', 'at')
        if not r[1] then return {now} end
        if redis.call('EXISTS', KEYS[2], ARGV[1] .. r[2], ARGV[1] .. r[3]) > 0 then return {now} end
        return {now, r[4], r[1]}
        """;

    private const string Keep = Clock + """
        local ends = tonumber(ARGV[1]) + tonumber(ARGV[2])
        if ends <= now or redis.call('EXISTS', KEYS[2], KEYS[3], KEYS[4]) > 0 then return 0 end
        redis.call('HSET', KEYS[1], 'v', ARGV[3], 'p', ARGV[4], 't', ARGV[5], 'at', ARGV[1])
        redis.call('PEXPIREAT', KEYS[1], ends)
        return 1
        """;

    private const string Mark = """
        for i = 1, #KEYS do redis.call('SET', KEYS[i], '', 'PX', ARGV[1]) end
        return 1
        """;

    private const int MaxValueBytes = 256 << 10;
    private const int MarksAtOnce = 100;

    private readonly RedisLink link;
    private readonly RedisInstruments instruments;
    private readonly string records;
    private readonly string marks;

    internal RedisRecords(RedisLink link, RedisInstruments instruments)
    {
        (this.link, this.instruments) = (link, instruments);
        (records, marks) = (link.Prefix + "record:", link.Prefix + "changed:");
    }

    /// <summary>What is known of a record; <see cref="RedisRead.Value"/> is null when nothing is.</summary>
    public async ValueTask<RedisRead> FindAsync(string name)
    {
        var (answered, result) = await link.TryAsync(RedisUse.Record, Find, [records + name, marks + name], [marks]);
        if (!answered || (RedisResult[]?)result is not { Length: 1 or 3 } found)
        {
            instruments.Record("unknown");
            return default;
        }

        var now = (long)found[0];
        if (found.Length == 1)
        {
            instruments.Record("nothing");
            return new RedisRead(now, default, null);
        }

        instruments.Record("record");
        return new RedisRead(now, TimeSpan.FromMilliseconds(Math.Max(0, now - (long)found[1])), (byte[]?)found[2]);
    }

    /// <summary>Keeps what was read after <paramref name="read"/> had found nothing.</summary>
    public async ValueTask KeepAsync(string name, string project, string tenant, RedisRead read, byte[] value)
    {
        if (read.AtMs == 0 || value.Length > MaxValueBytes) return;
        await link.TryAsync(
            RedisUse.Record, Keep, [records + name, marks + name, marks + project, marks + tenant],
            [read.AtMs, (long)Life.TotalMilliseconds, value, project, tenant]);
    }

    /// <summary>Voids what is kept of records, or of all of a project or tenant.</summary>
    public async ValueTask DropAsync(IEnumerable<string> subjects)
    {
        var life = (long)(Life * 2).TotalMilliseconds;
        foreach (var some in subjects.Chunk(MarksAtOnce))
            await link.TryAsync(RedisUse.Record, Mark, [.. some.Select(s => (RedisKey)(marks + s))], [life]);
    }
}

/// <summary>An answer of Redis about a record.</summary>
/// <param name="AtMs">Redis's time of it; 0 when there was no answer.</param>
/// <param name="Age">Time since the read that the record came from began.</param>
/// <param name="Value">The record, or null.</param>
public readonly record struct RedisRead(long AtMs, TimeSpan Age, byte[]? Value);
