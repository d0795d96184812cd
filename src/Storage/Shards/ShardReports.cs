using System.Threading.Channels;
using Vault.Protocol.Ids;

namespace Vault.Storage.Shards;

/// <summary>
/// Objects of which a shard was found missing or damaged, for whoever tells repair. Bounded: what does not fit is
/// found again by the next read, or by repair's own rounds.
/// </summary>
public sealed class ShardReports
{
    private readonly Channel<ObjectId> _objects = Channel.CreateBounded<ObjectId>(
        new BoundedChannelOptions(4096) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>What was reported and not taken yet.</summary>
    public ChannelReader<ObjectId> Reader => _objects.Reader;

    /// <summary>Reports an object; never blocks.</summary>
    public void Add(ObjectId objectId) => _objects.Writer.TryWrite(objectId);
}
