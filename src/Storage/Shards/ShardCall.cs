using System.Globalization;
using Vault.Protocol.Ids;

namespace Vault.Storage.Shards;

/// <summary>What a request to a node asks for; the path says all of it.</summary>
/// <remarks>docs/spec/shards.md, section 3.</remarks>
internal readonly record struct ShardCall(
    ShardOperation Operation, uint Volume = 0, Cid Cid = default, ObjectId ObjectId = default, uint ChunkIndex = 0,
    ushort ShardIndex = 0, ulong Sequence = 0, int Limit = 0)
{
    /// <summary>Most records in one answer to <see cref="ShardOperation.List"/>.</summary>
    public const int MaxRecords = 512;

    /// <summary>Most shards in one <see cref="ShardOperation.Stat"/>.</summary>
    public const int MaxStats = 1024;

    /// <summary>Largest shard that travels; those of the profiles have at most half of it.</summary>
    public const int MaxShardBytes = 32 << 20;

    private const string Prefix = "/shard/v1/";

    public string Method => Operation switch
    {
        ShardOperation.Store => "PUT",
        ShardOperation.Read or ShardOperation.List or ShardOperation.Ping => "GET",
        ShardOperation.Delete => "DELETE",
        _ => "POST",
    };

    /// <summary>The path that says this.</summary>
    public string Target => Operation switch
    {
        ShardOperation.Session => Prefix + "session",
        ShardOperation.Ping => Prefix + "ping",
        ShardOperation.Store => string.Create(
            CultureInfo.InvariantCulture, $"{Prefix}{Volume}/{Cid}/{ObjectId}/{ChunkIndex}/{ShardIndex}"),
        ShardOperation.Report => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Volume}/{Cid}/report"),
        ShardOperation.Stat => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Volume}/stat"),
        ShardOperation.List => string.Create(
            CultureInfo.InvariantCulture, $"{Prefix}{Volume}/records/{Sequence}/{Limit}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Volume}/{Cid}/{Sequence}"),
    };

    /// <summary>Reads what <see cref="Target"/> wrote; anything else is refused.</summary>
    public static bool TryParse(string method, string target, out ShardCall call)
    {
        call = default;
        if (target.Length > ShardMac.MaxTarget || !target.StartsWith(Prefix, StringComparison.Ordinal)) return false;
        var rest = target.AsSpan(Prefix.Length);
        Span<Range> parts = stackalloc Range[6];
        var count = rest.Split(parts, '/');
        call = (method, count) switch
        {
            ("POST", 1) when rest is "session" => new(ShardOperation.Session),
            ("GET", 1) when rest is "ping" => new(ShardOperation.Ping),
            ("POST", 2) when rest[parts[1]] is "stat" => new(ShardOperation.Stat),
            ("POST", 3) when rest[parts[2]] is "report" => new(ShardOperation.Report),
            ("GET", 4) when rest[parts[1]] is "records" => new(ShardOperation.List),
            ("GET", 3) => new(ShardOperation.Read),
            ("DELETE", 3) => new(ShardOperation.Delete),
            ("PUT", 5) => new(ShardOperation.Store),
            _ => default,
        };
        if (call.Operation == ShardOperation.None) return false;
        if (count == 1) return true;
        if (!TryNumber(rest[parts[0]], uint.MaxValue, out var volume)) return false;
        call = call with { Volume = (uint)volume };
        return call.Operation switch
        {
            ShardOperation.Stat => true,
            ShardOperation.List => TryList(rest[parts[2]], rest[parts[3]], ref call),
            _ => TryShard(rest, parts, ref call),
        };
    }

    private static bool TryList(ReadOnlySpan<char> after, ReadOnlySpan<char> limit, ref ShardCall call)
    {
        if (!TryNumber(after, ulong.MaxValue, out var sequence) || !TryNumber(limit, MaxRecords, out var records)
            || records == 0) return false;
        call = call with { Sequence = sequence, Limit = (int)records };
        return true;
    }

    private static bool TryShard(ReadOnlySpan<char> rest, ReadOnlySpan<Range> parts, ref ShardCall call)
    {
        if (rest[parts[1]].Length != 2 * Cid.Size || !Cid.TryParse(rest[parts[1]], out var cid)) return false;
        call = call with { Cid = cid };
        switch (call.Operation)
        {
            case ShardOperation.Report:
                return true;
            case ShardOperation.Store:
                if (!ObjectId.TryParse(rest[parts[2]], out var id)
                    || !TryNumber(rest[parts[3]], uint.MaxValue, out var chunk)
                    || !TryNumber(rest[parts[4]], byte.MaxValue, out var shard)) return false;
                call = call with { ObjectId = id, ChunkIndex = (uint)chunk, ShardIndex = (ushort)shard };
                return true;
            default:
                if (!TryNumber(rest[parts[2]], ulong.MaxValue, out var sequence)) return false;
                call = call with { Sequence = sequence };
                return true;
        }
    }

    private static bool TryNumber(ReadOnlySpan<char> text, ulong max, out ulong number) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= max;
}

/// <summary>The operations of a node.</summary>
internal enum ShardOperation
{
    None,
    Session,
    Ping,
    Store,
    Read,
    Delete,
    Report,
    Stat,
    List,
}
