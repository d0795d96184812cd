using Vault.Grains.Store;
using Vault.Grains.Uploads;
using Vault.Protocol.Ids;
using Vault.Sql;

namespace Vault.Grains.Objects;

/// <summary>
/// Reads the rows that a batch is decided against: one round trip for the heads, more only when a member needs them.
/// </summary>
internal sealed class BatchReader(Database database)
{
    private readonly List<ObjectId> _objects = [];
    private readonly List<PendingPut> _staged = [];

    /// <summary>References of the manifests that members share, as committed.</summary>
    public Dictionary<ObjectId, long> References { get; } = [];

    /// <summary>Whether heads are all that the members are decided against.</summary>
    public static bool NeedsOnlyHeads(List<PendingCommit> members)
    {
        foreach (var member in members)
        {
            if (member is PendingComplete or PendingPut { Put.Body: { Shared: true } or { ManifestPages: > 0 } })
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Takes heads that were read elsewhere.</summary>
    public void Take(List<PendingCommit> members, HeadRow?[] heads)
    {
        References.Clear();
        for (var i = 0; i < heads.Length; i++)
        {
            members[i].Committed = heads[i];
        }
    }

    public async Task ReadAsync(List<PendingCommit> members)
    {
        Take(members, await database.ReadEachAsync(ObjectTable.Head, members, CancellationToken.None));
        _objects.Clear();
        _staged.Clear();
        foreach (var member in members)
        {
            if (member is PendingComplete complete)
            {
                await ReadUploadAsync(complete);
            }
            else if (member is PendingPut { Put.Body: { ObjectId: { } id } body } put)
            {
                if (body.Shared)
                {
                    _objects.Add(id);
                }
                else if (body.ManifestPages > 0)
                {
                    _staged.Add(put);
                }
            }
        }

        if (_objects.Count > 0)
        {
            await ReadReferencesAsync();
        }

        if (_staged.Count > 0)
        {
            await ReadStagedAsync();
        }
    }

    private async Task ReadReferencesAsync()
    {
        var counts = await database.ReadEachAsync(ObjectTable.References, _objects, CancellationToken.None);
        for (var i = 0; i < counts.Length; i++)
        {
            References[_objects[i]] = counts[i]?.Value ?? 0;
        }
    }

    private async Task ReadStagedAsync()
    {
        _objects.Clear();
        foreach (var put in _staged)
        {
            _objects.Add(put.Put.Body.ObjectId!.Value);
        }

        var counts = await database.ReadEachAsync(ObjectTable.StagedPages, _objects, CancellationToken.None);
        for (var i = 0; i < counts.Length; i++)
        {
            _staged[i].StagedPages = counts[i]?.Value ?? 0;
        }
    }

    private async Task ReadUploadAsync(PendingComplete member)
    {
        member.Parts = null;
        member.Upload = await database.ReadFirstAsync(
            UploadTable.Upload,
            new UploadKey(member.BucketId, member.Key, member.Complete.UploadId),
            CancellationToken.None);
        if (member.Upload is { State: UploadState.Open } upload && upload.PartsVersion == member.Complete.PartsVersion)
        {
            var rows = await database.ReadAsync(UploadTable.AllParts, member.Complete.UploadId, CancellationToken.None);
            member.Parts = CompositeParts.Choose(rows, member.Complete.PartNumbers);
        }
    }
}
