using Microsoft.Extensions.Logging.Abstractions;
using Vault.Protocol.Ids;
using Vault.Storage.Volumes;

namespace Vault.Storage.Tests.Volumes.PowerCut;

/// <summary>
/// One seed: a volume lives several lives on a <see cref="PowerCutDisk"/>, each ended in the middle of something, and
/// after each what the volume lists and serves is compared with what it acknowledged.
/// </summary>
internal sealed class VolumeSimulation
{
    private static readonly VolumeOptions Options = new()
    {
        Path = "/data/volume",
        LogBytes = 64 << 10,
        ActiveMapBytes = 16 << 10,
        DatabaseReserveBytes = 0,
    };

    private readonly Random _random;
    private readonly PowerCutDisk _disk;
    private readonly Dictionary<ulong, Stored> _acknowledged = [];
    private readonly List<Cid> _appending = [];
    private readonly List<(RecordType Type, Cid Cid, ulong Target)> _changing = [];
    private readonly List<(Cid Cid, byte[] Body)> _bodies = [];
    private readonly HashSet<Cid> _neverAcknowledged = [];
    private ulong _lastSequence;
    private Volume? _volume;

    private sealed record Stored(Cid Cid, byte[] Body, bool Trashed);

    private VolumeSimulation(int seed, SyncPoint? ignored)
    {
        _random = new Random(seed);
        _disk = new PowerCutDisk(_random) { Ignored = ignored };
        _disk.CreateDirectory("/data");
        _disk.SyncDirectory("/", SyncPoint.LogName);
    }

    /// <summary>Null when every promise was kept, else what was broken.</summary>
    public static string? Run(int seed, SyncPoint? ignored = null)
    {
        try
        {
            new VolumeSimulation(seed, ignored).Live();
            return null;
        }
        catch (SimulationFailure failure)
        {
            return $"seed {seed}: {failure.Message}";
        }
        catch (Exception failure) when (failure is VolumeException or FileNotFoundException)
        {
            return $"seed {seed}: {failure.GetType().Name} {failure.Message}";
        }
    }

    private void Live()
    {
        var lives = 2 + _random.Next(4);
        for (var life = 0; life < lives; life++)
        {
            try
            {
                ChooseEnd();
                Open();
                for (var i = _random.Next(40); i > 0; i--)
                    Act();
            }
            catch (PowerCutException)
            {
            }

            End();
        }

        Open();
        Check();
        _volume!.Release();
    }

    /// <summary>
    /// At any operation, or just before a sync: where an order of two things matters, it matters there.
    /// </summary>
    private void ChooseEnd()
    {
        if (_random.Next(2) == 0)
            _disk.StopAfter(_random.Next(_random.Next(2) == 0 ? 40 : 400));
        else if (_random.Next(2) == 0)
            _disk.StopAtSync(SyncPoint.ManifestName, 1 + _random.Next(4));
        else
            _disk.StopAtSync((SyncPoint)_random.Next((int)SyncPoint.VolumeDirectory + 1), 1 + _random.Next(4));
    }

    private void Open()
    {
        _volume = Volume.Open(Options, _disk, TimeProvider.System, NullLoggerFactory.Instance, null, background: false);
        Check();
    }

    private void End()
    {
        _volume?.Release();
        _volume = null;
        if (_random.Next(5) < 2)
            _disk.RestartProcess();
        else
            _disk.CutPower();
    }

    private void Act()
    {
        switch (_random.Next(20))
        {
            case < 11: Append(1 + _random.Next(6)); break;
            case < 14: Change(RecordType.Tombstone); break;
            case < 15: Change(RecordType.Trash); break;
            case < 16: Change(RecordType.Restore); break;
            case < 17: _volume!.SealClosed(); break;
            case < 18: Wait(_volume!.CompactAsync()); break;
            default: Check(); break;
        }
    }

    private void Append(int count)
    {
        List<ValueTask<ShardReceipt>> waiting = [];
        List<(Cid Cid, byte[] Body)> bodies = [];
        for (var i = 0; i < count; i++)
        {
            var again = _bodies.Count > 0 && _random.Next(8) == 0;
            var body = again ? _bodies[_random.Next(_bodies.Count)].Body : NewBody();
            var cid = Cid.Compute(body);
            bodies.Add((cid, body));
            _appending.Add(cid);
            if (!again)
                _bodies.Add((cid, body));
#pragma warning disable CA2012 // consumed once, after the step that completes them
            waiting.Add(_volume!.AppendAsync(new ShardHeader(cid, default, 0, 0), body));
#pragma warning restore CA2012
        }

        while (_volume!.Step())
        {
        }

        for (var i = 0; i < count; i++)
        {
            var receipt = waiting[i].Result;
            Require(receipt.Sequence > _lastSequence, "a sequence did not rise");
            _lastSequence = receipt.Sequence;
            _acknowledged.Add(receipt.Sequence, new Stored(bodies[i].Cid, bodies[i].Body, false));
            _appending.Remove(bodies[i].Cid);
        }
    }

    private byte[] NewBody()
    {
        var most = _random.Next(10) switch { < 5 => 300, < 9 => 3000, _ => 20000 };
        var body = new byte[_random.Next(most)];
        _random.NextBytes(body);
        return body;
    }

    private void Change(RecordType type)
    {
        if (_acknowledged.Count == 0)
            return;
        var (target, stored) = _acknowledged.ElementAt(_random.Next(_acknowledged.Count));
        _changing.Add((type, stored.Cid, target));
        var change = type switch
        {
            RecordType.Tombstone => _volume!.DeleteAsync(stored.Cid, target),
            RecordType.Trash => _volume!.TrashAsync(stored.Cid, target),
            _ => _volume!.RestoreAsync(stored.Cid, target),
        };
        var task = change.AsTask();
        while (_volume!.Step())
        {
        }

        Require(Wait(task), "nothing was there to change");
        Apply(type, stored.Cid, target);
        _changing.Clear();
        _lastSequence++;
    }

    private void Apply(RecordType type, Cid cid, ulong target)
    {
        foreach (var (sequence, stored) in _acknowledged.Where(one => one.Key <= target && one.Value.Cid.Equals(cid))
            .ToList())
        {
            if (type == RecordType.Tombstone)
                _acknowledged.Remove(sequence);
            else
                _acknowledged[sequence] = stored with { Trashed = type == RecordType.Trash };
        }
    }

    /// <summary>Compares everything listed and served with what was acknowledged, then takes it as the truth.</summary>
    private void Check()
    {
        var volume = _volume!;
        Require(!volume.Recovery.RebuiltManifest, "the manifest was lost");
        Require(volume.Recovery.RebuiltIndexes == 0, "an index file was lost");
        foreach (var damage in volume.Recovery.Damaged)
            Require(IsOfUnacknowledged(damage), $"acknowledged records were damaged: {damage}");
        var listed = List(volume);
        foreach (var (sequence, stored) in _acknowledged)
            Compare(sequence, stored, listed);
        foreach (var (sequence, record) in listed)
            Adopt(sequence, record);
        foreach (var stored in _acknowledged.Values)
            CheckBytes(volume, stored);
        _neverAcknowledged.UnionWith(_appending);
        _neverAcknowledged.UnionWith(_changing.Select(static change => change.Cid));
        _appending.Clear();
        _changing.Clear();
        if (listed.Count > 0)
            _lastSequence = Math.Max(_lastSequence, listed.Keys.Max());
    }

    /// <summary>
    /// The last group may be torn although its commit record is whole. Reporting that is right, and a log that has no
    /// index file yet is read again at the next start.
    /// </summary>
    private bool IsOfUnacknowledged(in QuarantinedRecord damage) => damage.Offset != 0 && (damage.Cid is { } cid
        ? _appending.Contains(cid) || _neverAcknowledged.Contains(cid)
        : _appending.Count + _changing.Count + _neverAcknowledged.Count > 0);

    private void Compare(ulong sequence, Stored stored, Dictionary<ulong, ShardRecord> listed)
    {
        var changes = _changing.Where(change => change.Cid.Equals(stored.Cid) && change.Target >= sequence).ToList();
        if (!listed.TryGetValue(sequence, out var record))
        {
            Require(
                changes.Exists(static change => change.Type == RecordType.Tombstone), $"record {sequence} was lost");
            _acknowledged.Remove(sequence);
            return;
        }

        Require(record.Cid.Equals(stored.Cid), "a record changed its CID");
        Require(record.State != ShardState.Quarantined, $"record {sequence} was quarantined");
        var trashed = record.State == ShardState.Trashed;
        Require(
            trashed == stored.Trashed
                || changes.Exists(change => change.Type == (trashed ? RecordType.Trash : RecordType.Restore)),
            $"record {sequence} is {record.State}");
        _acknowledged[sequence] = stored with { Trashed = trashed };
    }

    /// <summary>
    /// A record that nobody acknowledged: it may be there, whole, if it was being stored; then it must stay.
    /// </summary>
    private void Adopt(ulong sequence, ShardRecord record)
    {
        if (_acknowledged.ContainsKey(sequence) || record.State == ShardState.Quarantined)
            return;
        Require(_appending.Contains(record.Cid), $"record {sequence} came back from the dead");
        _acknowledged.Add(sequence, new Stored(
            record.Cid, _bodies.Find(one => one.Cid.Equals(record.Cid)).Body, record.State == ShardState.Trashed));
    }

    private void CheckBytes(Volume volume, Stored stored)
    {
        var buffer = new byte[stored.Body.Length];
        var read = Wait(volume.ReadAsync(stored.Cid, buffer, verify: true).AsTask());
        if (read < 0)
            Require(
                _acknowledged.Values.All(other => !other.Cid.Equals(stored.Cid) || other.Trashed),
                "a shard is not served");
        else
            Require(read == buffer.Length && buffer.AsSpan().SequenceEqual(stored.Body), "wrong bytes were served");
    }

    private static Dictionary<ulong, ShardRecord> List(Volume volume)
    {
        Dictionary<ulong, ShardRecord> all = [];
        var page = new ShardRecord[32];
        ulong after = 0;
        while (volume.List(after, page) is var count and > 0)
        {
            foreach (var record in page.AsSpan(0, count))
            {
                Require(record.Sequence > after, "the listing went back");
                after = record.Sequence;
                all.Add(after, record);
            }
        }

        return all;
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
            throw new SimulationFailure(otherwise);
    }

    /// <summary>What a task may wait for is a group commit, and nobody else makes one.</summary>
    private T Wait<T>(Task<T> task)
    {
        while (!task.IsCompleted)
        {
            if (!_volume!.Step())
                Thread.Yield();
        }

        return task.GetAwaiter().GetResult();
    }

    private sealed class SimulationFailure(string message) : Exception(message);
}
