using Microsoft.Extensions.Logging;

namespace Vault.Storage.Volumes;

/// <summary>
/// Opens what a directory holds: manifest, index files of sealed logs, headers of the others. docs/spec/volume.md,
/// section 4, gives the rules and why each sync is there.
/// </summary>
internal sealed partial class VolumeRecovery(
    IFileLayer files, VolumeOptions options, TimeProvider time, ILogger<Volume> logger)
{
    private const int MostReported = 1000;

    private readonly string _directory = options.Path;
    private readonly List<QuarantinedRecord> _damage = [];
    private readonly HashSet<ulong> _openLogs = [];
    private int _rebuiltIndexes, _replayedLogs;
    private long _replayedRecords, _tornBytes;
    private bool _rebuiltManifest;

    public LogCatalog Catalog { get; private set; } = null!;

    public ulong NextSequence { get; private set; }

    public (ulong Log, ulong Offset) LastCommit { get; private set; }

    /// <summary>A log that nothing was ever written to; the volume goes on in it.</summary>
    public LogFile? EmptyLog { get; private set; }

    /// <summary>
    /// Records of the last group whose bodies never reached the disk; to be quarantined before anything else.
    /// </summary>
    public List<(ulong Log, IndexEntry Entry)> Torn { get; } = [];

    public RecoveryReport Report =>
        new(_replayedLogs, _replayedRecords, _tornBytes, _rebuiltIndexes, _rebuiltManifest, _damage);

    public void Run()
    {
        files.SyncDirectory(_directory, SyncPoint.RecoveryNames);
        var manifest = ReadManifest() ?? ManifestFromLogs();
        Catalog = new LogCatalog(files, _directory, manifest.Volume, manifest.Id, time);
        var logs = new List<LogFile>();
        foreach (var entry in manifest.Logs)
            logs.Add(Open(entry));
        var numbers = manifest.Logs.Select(static log => log.Number).DefaultIfEmpty().Max();
        Catalog.Start(manifest.Generation, Math.Max(manifest.NextLog, numbers + 1), [.. logs]);
        RemoveLeftovers(manifest);
        ReplayOpenLogs(logs, manifest.LastSequence);
        var last = logs.Select(static log => log.MaxSequence).Append(manifest.LastSequence).Max();
        NextSequence = Torn.Select(static torn => torn.Entry.Sequence).Append(last).Max() + 1;
        Catalog.Start(manifest.Generation, Math.Max(manifest.NextLog, numbers + 1), [.. logs]);
    }

    /// <summary>What the manifest says or, when it is lost, the header of a log; null when there is neither.</summary>
    public static uint? NumberOf(IFileLayer files, string directory)
    {
        if (files.Exists(Path.Combine(directory, VolumeManifest.FileName))
            && VolumeManifest.TryRead(files, directory) is { } manifest)
            return manifest.Volume;
        if (!Directory.Exists(directory))
            return null;
        foreach (var name in files.List(directory)
            .Where(static name => name.EndsWith(".log", StringComparison.Ordinal)))
        {
            using var file = files.Open(Path.Combine(directory, name));
            if (LogHeader.TryRead(file) is { } header)
                return header.Volume;
        }

        return null;
    }

    private VolumeManifest? ReadManifest()
    {
        if (!files.Exists(Path.Combine(_directory, VolumeManifest.FileName)))
            return null;
        var manifest = VolumeManifest.TryRead(files, _directory);
        if (manifest is not null && manifest.Volume != options.Number)
        {
            throw new VolumeFormatException(
                $"{_directory} holds volume {manifest.Volume}, but Volume:Number is {options.Number}.");
        }

        return manifest;
    }

    /// <summary>
    /// A new volume, or one whose manifest is lost: every log that is there is read, in order of sequence.
    /// </summary>
    private VolumeManifest ManifestFromLogs()
    {
        List<(ManifestLog Log, ulong First)> found = [];
        foreach (var name in files.List(_directory)
            .Where(static name => name.EndsWith(".log", StringComparison.Ordinal)))
        {
            var file = files.Open(Path.Combine(_directory, name));
            if (LogHeader.TryRead(file) is not { } header || VolumeManifest.LogName(header.Number) != name)
            {
                LogNoLog(_directory, name);
                file.Dispose();
                continue;
            }

            using var index = new ActiveIndex(header.Salt);
            var log = new LogFile(files, Path.Combine(_directory, name), header, file, index);
            var replay = LogReplay.Read(log, null);
            if (replay.HasCommit)
                found.Add((
                    new ManifestLog(header.Number, false, 0, 0, 0, 0, 0, 0, 0, header.CreatedAtMs, header.Salt),
                    replay.Entries.FirstOrDefault().Sequence));
            log.Release();
        }

        _rebuiltManifest = found.Count > 0;
        if (_rebuiltManifest)
            LogManifestLost(_directory, found.Count);
        found.Sort(static (a, b) => a.First.CompareTo(b.First));
        return new VolumeManifest(options.Number, Guid.NewGuid(), 0, 1, 0, found.ConvertAll(static log => log.Log));
    }

    private LogFile Open(ManifestLog entry)
    {
        var path = Catalog.PathOf(VolumeManifest.LogName(entry.Number));
        if (!files.Exists(path))
        {
            throw new VolumeFormatException(
                $"{path} is missing, but the manifest names it. Put it back; or remove MANIFEST to go on without it.");
        }

        var file = files.Open(path);
        var header = new LogHeader(options.Number, entry.Number, entry.ScrubbedAtMs, entry.Salt);
        if (LogHeader.TryRead(file) is not { } found || !found.Salt.AsSpan().SequenceEqual(entry.Salt))
            NoteDamage([new(null, default, 0, entry.Number, 0, LogHeader.Bytes)]); // the manifest knows all of it
        var log = new LogFile(files, path, header, file, new ActiveIndex(
            header.Salt)) { ScrubbedAtMs = entry.ScrubbedAtMs };
        if (!entry.Sealed)
            return log;
        (log.End, log.MinSequence, log.MaxSequence) = (entry.End, entry.MinSequence, entry.MaxSequence);
        (log.ShardBytes, log.ControlBytes, log.DeadBytes) = (entry.ShardBytes, entry.ControlBytes, entry.DeadBytes);
        OpenIndex(log, entry);
        return log;
    }

    private void OpenIndex(LogFile log, ManifestLog entry)
    {
        var path = Catalog.PathOf(VolumeManifest.IndexName(entry.Number, entry.IndexGeneration));
        try
        {
            if (!files.Exists(path))
                throw new IndexDamagedException("The index file is missing.");
            log.UseIndex(SealedIndex.Open(files.Open(path), log.Header), entry.IndexGeneration, path);
        }
        catch (IndexDamagedException damaged)
        {
            LogIndexDamaged(damaged, options.Number, log.Number);
            var replay = LogReplay.Read(log, entry.End);
            NoteDamage(replay.Damage);
            var rebuilt = Catalog.WriteIndex(log.Header, replay.Entries.ToArray(), entry.IndexGeneration);
            log.UseIndex(SealedIndex.Open(files.Open(rebuilt), log.Header), entry.IndexGeneration, rebuilt);
            _rebuiltIndexes++;
        }
    }

    private void ReplayOpenLogs(List<LogFile> logs, ulong countedUpTo)
    {
        (ulong Log, ulong Offset)? known = null;
        var newest = true;
        foreach (var log in logs.Where(static log => !log.Sealed))
            _openLogs.Add(log.Number);
        List<LogReplay> replays = [];
        for (var i = logs.Count - 1; i >= 0 && !logs[i].Sealed; i--)
        {
            var replay = Replay(logs[i], known);
            replays.Insert(0, replay);
            if (!replay.HasCommit && replay.Entries.Count == 0)
                continue;
            if (newest)
            {
                NoteTorn(replay);
                LastCommit = (logs[i].Number, logs[i].LastCommitOffset);
            }

            newest = false;
            known = replay.Before ?? (logs[i].Number, 0);
        }

        foreach (var replay in replays)
            Adopt(replay, logs, countedUpTo);
    }

    private LogReplay Replay(LogFile log, (ulong Log, ulong Offset)? known)
    {
        // The first commit of the next log names the last one here. When that commit record is damaged, the next one
        // names its own log: then all that can be read here counts. When it names an older log, nothing here was
        // ever acknowledged.
        var replay = known switch
        {
            null => LogReplay.Read(log, null),
            { } commit when commit.Log == log.Number => LogReplay.Read(log, (long)commit.Offset + RecordHeader.Bytes),
            { } commit when _rebuiltManifest || (commit.Log > log.Number && _openLogs.Contains(commit.Log)) =>
                LogReplay.Read(log, null, closed: true),
            _ => LogReplay.Read(log, LogHeader.Bytes),
        };
        log.File.Sync(SyncPoint.Recovery);
        _replayedLogs++;
        return replay;
    }

    private void Adopt(LogReplay replay, List<LogFile> logs, ulong countedUpTo)
    {
        var log = replay.Log;
        NoteDamage(replay.Damage);
        foreach (var entry in replay.Entries)
        {
            log.Count(entry);
            if (entry.Type == RecordType.Tombstone && entry.Sequence > countedUpTo)
                LogOf(logs, entry.Target)?.AddDead((long)entry.Argument);
        }

        ((ActiveIndex)log.Index).AddRange(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(replay.Entries));
        _replayedRecords += replay.Entries.Count;
        _tornBytes += replay.TornBytes;
        if (log == logs[^1] && replay.Entries.Count == 0 && !replay.HasCommit && !replay.TailDirty
            && log.File.Length == options.LogBytes)
        {
            EmptyLog = log;
        }

        log.Closed = log != EmptyLog;
    }

    private static LogFile? LogOf(List<LogFile> logs, ulong sequence)
    {
        int low = 0, high = logs.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (logs[middle].MaxSequence >= sequence || logs[middle].MaxSequence == 0)
                high = middle;
            else
                low = middle + 1;
        }

        return low < logs.Count ? logs[low] : null;
    }

    private void NoteTorn(LogReplay replay)
    {
        foreach (var torn in replay.RemoveTornBodies())
        {
            Torn.Add((replay.Log.Number, torn));
            NoteDamage([new(torn.Cid, torn.ObjectId, torn.Sequence, replay.Log.Number, torn.Offset, torn.TotalBytes)]);
        }
    }

    private void NoteDamage(IReadOnlyList<QuarantinedRecord> damage)
    {
        foreach (var record in damage)
        {
            if (_damage.Count < MostReported)
                _damage.Add(record);
        }
    }

    private void RemoveLeftovers(VolumeManifest manifest)
    {
        HashSet<string> named = [];
        foreach (var log in manifest.Logs)
        {
            named.Add(VolumeManifest.LogName(log.Number));
            if (log.Sealed)
                named.Add(VolumeManifest.IndexName(log.Number, log.IndexGeneration));
        }

        foreach (var name in files.List(_directory))
        {
            var ours = name.EndsWith(".log", StringComparison.Ordinal)
                || name.EndsWith(".idx", StringComparison.Ordinal)
                || name.EndsWith(".tmp", StringComparison.Ordinal);
            if (ours && !named.Contains(name))
                files.Delete(Path.Combine(_directory, name));
        }
    }

    [LoggerMessage(EventId = 3007, Level = LogLevel.Error,
        Message = "{Directory} has no readable manifest; it is made again from {Logs} logs")]
    private partial void LogManifestLost(string directory, int logs);

    [LoggerMessage(
        EventId = 3008, Level = LogLevel.Warning, Message = "{Directory}: {Name} is not a log of this volume")]
    private partial void LogNoLog(string directory, string name);

    [LoggerMessage(
        EventId = 3009, Level = LogLevel.Warning, Message = "Volume {Volume}: the index of log {Log} is made again")]
    private partial void LogIndexDamaged(Exception damaged, uint volume, ulong log);
}
