using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Vault.Protocol.Checksums;
using Vault.Protocol.Ids;

namespace Vault.Storage.Volumes;

/// <summary>
/// Shards on one disk: append-only logs, an immutable index file for each full one, and a map in memory for the rest.
/// An append is acknowledged after its bytes are synced; reads see what was acknowledged. All methods may be called
/// at any time from any thread. Format and rules: docs/spec/volume.md.
/// </summary>
public sealed partial class Volume : IAsyncDisposable
{
    private readonly VolumeOptions _options;
    private readonly IDisposable _lock;
    private readonly ILogger<Volume> _logger;
    private readonly LogCatalog _catalog;
    private readonly SpaceGuard _space;
    private readonly GroupWriter _writer;
    private readonly Sealer _sealer;
    private readonly Quarantine _quarantine;
    private readonly Maintenance _maintenance;
    private readonly ShardReader _reader;
    private readonly VolumeInstruments _instruments;
    private readonly ConcurrentQueue<AppendRequest> _requests = new();
    private readonly bool _background;
    private volatile bool _started;
    private int _disposed;

    private Volume(
        VolumeOptions options, IDisposable @lock, VolumeRecovery recovery, TimeProvider time,
        ILoggerFactory loggers, IMeterFactory? meters, bool background)
    {
        var logger = _logger = loggers.CreateLogger<Volume>();
        (_options, _lock, _background) = (options, @lock, background);
        _catalog = recovery.Catalog;
        Recovery = recovery.Report;
        _space = new SpaceGuard(_catalog, options);
        _instruments = new VolumeInstruments(meters, () => _started ? GetStats() : VolumeStats.None);
        _writer = new GroupWriter(_catalog, options, _space, time, _instruments, logger, SealerKeepsUp, OnLogClosed);
        _sealer = new Sealer(_catalog, _instruments, logger);
        _quarantine = new Quarantine(_catalog.Volume, _instruments, logger, header => AppendControl(header).AsTask());
        var compactor = new Compactor(_catalog, options, _space, _quarantine, _instruments, logger);
        var scrubber = new Scrubber(_catalog, _quarantine, _instruments, time);
        _maintenance = new Maintenance(
            _catalog, options, _space, _sealer, compactor, scrubber, _quarantine, _writer.Reopen, time, logger);
        _reader = new ShardReader(_catalog, _maintenance, _quarantine, _instruments);
    }

    /// <summary>Number that receipts name this volume by.</summary>
    public uint Number => _catalog.Volume;

    /// <summary>Random identity, made when the volume was created.</summary>
    public Guid Id => _catalog.Id;

    /// <summary>Largest shard that it takes, in bytes.</summary>
    public int MaxBodyBytes => _options.MaxBodyBytes;

    /// <summary>What opening it found.</summary>
    public RecoveryReport Recovery { get; }

    /// <summary>Raised for every record found damaged while the volume is open; handlers must not block.</summary>
    public event Action<QuarantinedRecord> Damaged
    {
        add => _quarantine.Reported += value;
        remove => _quarantine.Reported -= value;
    }

    /// <summary>Whether shards are taken at the moment.</summary>
    public VolumeState State =>
        !_writer.Writable && Volatile.Read(ref _disposed) == 0 && _space.StoringAllowed ? VolumeState.ReadOnly
        : _space.StoringAllowed ? VolumeState.Open
        : VolumeState.Full;

    /// <summary>Opens the volume in <see cref="VolumeOptions.Path"/>, or makes one there.</summary>
    /// <exception cref="VolumeLockedException">Another process has it open.</exception>
    /// <exception cref="VolumeFormatException">What lies there cannot be opened.</exception>
    public static Task<Volume> OpenAsync(
        VolumeOptions options, IFileLayer? files, TimeProvider time, ILoggerFactory loggers,
        IMeterFactory? meters = null, CancellationToken ct = default) =>
        Task.Run(() => Open(options, files ?? new LinuxFileLayer(), time, loggers, meters, background: true), ct);

    /// <summary>The number of the volume in a directory that nobody has open; null when there is none.</summary>
    public static uint? NumberOf(string directory, IFileLayer? files = null) =>
        VolumeRecovery.NumberOf(files ?? new LinuxFileLayer(), directory);

    /// <summary>Without background work, a test moves the volume itself: see <see cref="Step"/>.</summary>
    internal static Volume Open(
        VolumeOptions options, IFileLayer files, TimeProvider time, ILoggerFactory loggers, IMeterFactory? meters,
        bool background)
    {
        var result = new VolumeOptionsValidator().Validate(null, options);
        if (result.Failed)
            throw new ArgumentException(result.FailureMessage, nameof(options));
        files.CreateDirectory(options.Path);
        var parent = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(options.Path)))!;
        files.SyncDirectory(parent, SyncPoint.VolumeDirectory);
        var held = files.Lock(Path.Combine(options.Path, "LOCK"));
        Volume? volume = null;
        try
        {
            var recovery = new VolumeRecovery(files, options, time, loggers.CreateLogger<Volume>());
            recovery.Run();
            volume = new Volume(options, held, recovery, time, loggers, meters, background);
            volume.Start(recovery);
            return volume;
        }
        catch
        {
            volume?.Release();
            held.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Stores a shard; completes when it is on stable storage. The body must not change until then. A second record of
    /// a CID is legal and gets its own sequence. Safe to repeat: an unacknowledged record is at worst an orphan.
    /// </summary>
    /// <exception cref="ArgumentException">Longer than <see cref="VolumeOptions.MaxBodyBytes"/>.</exception>
    /// <exception cref="VolumeFullException">Only the reserve is left.</exception>
    /// <exception cref="VolumeReadOnlyException">No log can be opened.</exception>
    /// <exception cref="VolumeWriteException">The disk failed; the outcome is unknown.</exception>
    public ValueTask<ShardReceipt> AppendAsync(
        in ShardHeader header, ReadOnlyMemory<byte> body, CancellationToken ct = default)
    {
        ct.ThrowIfCancellationRequested();
        if (body.Length > _options.MaxBodyBytes)
            throw new ArgumentException($"A shard has at most {_options.MaxBodyBytes} bytes.", nameof(body));
        if (!_space.StoringAllowed)
            throw new VolumeFullException($"Volume {Number} has only its reserve left.");
        var record = new RecordHeader
        {
            Type = RecordType.Shard,
            Flags = header.Flags,
            BodyBytes = body.Length,
            BodyCrc = Crc32C.Compute(body.Span),
            Cid = header.Cid,
            ObjectId = header.ObjectId,
            ChunkIndex = header.ChunkIndex,
            ShardIndex = header.ShardIndex,
            Argument = header.ExpiresAtMs,
        };
        return VolumeInstruments.Traces.HasListeners() ? EnqueueTracedAsync(record, body) : Enqueue(record, body);
    }

    /// <summary>The newest record of a CID that is served or in the trash; null when there is none.</summary>
    public ShardRecord? Find(Cid cid) => _reader.Find(cid);

    /// <summary>
    /// The shard's bytes in pooled memory; null when it isn't there. The record's checksum is not compared: the
    /// caller's AEAD tag says more (decisions §3.6).
    /// </summary>
    /// <exception cref="VolumeCorruptException">The only record is damaged; it is quarantined.</exception>
    public ValueTask<ShardLease?> ReadAsync(Cid cid, CancellationToken ct = default) =>
        _reader.ReadAsync(cid, verify: false, ct);

    /// <summary>As <see cref="ReadAsync(Cid, CancellationToken)"/>, and compares the record's checksum.</summary>
    /// <exception cref="VolumeCorruptException">The only record is damaged; it is quarantined.</exception>
    public ValueTask<ShardLease?> ReadVerifiedAsync(Cid cid, CancellationToken ct = default) =>
        _reader.ReadAsync(cid, verify: true, ct);

    /// <summary>
    /// Copies the shard to <paramref name="destination"/>; returns its length, or −1 when it isn't there.
    /// </summary>
    /// <param name="cid">The shard.</param>
    /// <param name="destination">At least as long as the shard.</param>
    /// <param name="sequence">
    /// The sequence in the location, or 0. Logs that only hold older records are then not looked at.
    /// </param>
    /// <param name="verify">Whether to compare the record's checksum.</param>
    /// <param name="ct">Ends the wait for the disk.</param>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    /// <exception cref="VolumeCorruptException">The only record is damaged; it is quarantined.</exception>
    public ValueTask<int> ReadAsync(
        Cid cid, Memory<byte> destination, ulong sequence = 0, bool verify = false, CancellationToken ct = default) =>
        _reader.ReadAsync(cid, 0, destination, sequence, whole: true, verify, ct);

    /// <summary>
    /// Copies bytes from <paramref name="offset"/> on; returns how many there were, or −1 without the shard.
    /// </summary>
    /// <exception cref="VolumeCorruptException">The only record is damaged; it is quarantined.</exception>
    public ValueTask<int> ReadRangeAsync(
        Cid cid, int offset, Memory<byte> destination, ulong sequence = 0, CancellationToken ct = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        return _reader.ReadAsync(cid, offset, destination, sequence, whole: false, verify: false, ct);
    }

    /// <summary>
    /// To be called when a shard's tag was wrong: reads the record again and compares checksum and CID. True when it is
    /// damaged, and now quarantined; false when the volume holds what was stored, so that key or location are wrong.
    /// </summary>
    public ValueTask<bool> ReportUnreadableAsync(Cid cid, CancellationToken ct = default) =>
        _reader.RecheckAsync(cid, ct);

    /// <summary>
    /// Deletes the records of a CID up to a sequence; newer ones stay. Durable when it completes. False when there was
    /// nothing to delete. Safe to repeat.
    /// </summary>
    public async ValueTask<bool> DeleteAsync(Cid cid, ulong sequence, CancellationToken ct = default)
    {
        ct.ThrowIfCancellationRequested();
        List<(ulong Sequence, long Bytes)> doomed = [];
        var objectId = _reader.CollectUpTo(cid, sequence, doomed);
        if (doomed.Count == 0)
            return false;
        await AppendControl(new RecordHeader
        {
            Type = RecordType.Tombstone,
            Cid = cid,
            ObjectId = objectId,
            Target = sequence,
            Argument = (ulong)doomed.Sum(static record => record.Bytes),
        });
        _reader.CountDead(doomed);
        return true;
    }

    /// <summary>Stops serving the records up to a sequence but keeps them; see <see cref="RestoreAsync"/>.</summary>
    public ValueTask<bool> TrashAsync(Cid cid, ulong sequence, CancellationToken ct = default) =>
        ChangeAsync(RecordType.Trash, cid, sequence, 0, ct);

    /// <summary>Serves trashed records again.</summary>
    public ValueTask<bool> RestoreAsync(Cid cid, ulong sequence, CancellationToken ct = default) =>
        ChangeAsync(RecordType.Restore, cid, sequence, 0, ct);

    /// <summary>Changes when the records up to a sequence expire, in Unix milliseconds; 0 for never.</summary>
    public ValueTask<bool> SetExpiryAsync(Cid cid, ulong sequence, ulong expiresAtMs, CancellationToken ct = default) =>
        ChangeAsync(RecordType.Expiry, cid, sequence, expiresAtMs, ct);

    /// <summary>
    /// The next records by rising sequence, for sweeps; at most as many as fit. Go on with the last one's sequence; 0
    /// records means the end. Deleted ones are left out; trashed and quarantined ones say so.
    /// </summary>
    public int List(ulong afterSequence, Span<ShardRecord> records) => _reader.List(afterSequence, records);

    /// <summary>Compacts everything that is due, at full speed; returns the number of compactions.</summary>
    public Task<int> CompactAsync(CancellationToken ct = default) =>
        _maintenance.CompactAsync(pressed: !_space.StoringAllowed, paced: false, ct);

    /// <summary>Checks every sealed log last scrubbed at or before a time; returns the records quarantined.</summary>
    public Task<int> ScrubAsync(DateTimeOffset lastBefore, CancellationToken ct = default) =>
        _maintenance.ScrubAsync(lastBefore, paced: false, ct);

    /// <summary>Numbers for health pages and metrics.</summary>
    public VolumeStats GetStats()
    {
        long records = 0, dead = 0, memory = 0;
        var logs = _catalog.Logs;
        foreach (var log in logs)
        {
            var index = log.Index;
            records += index.Count;
            dead += log.DeadBytes;
            memory += index is SealedIndex done ? done.FilterBytes : (long)index.Count * ActiveIndex.BytesPerEntry;
        }

        return new VolumeStats(
            State, logs.Length, records, _space.AllocatedBytes(), dead, _space.FreeBytes,
            Volatile.Read(ref _catalog.LastSequence), memory);
    }

    /// <summary>Writes what was accepted, seals the logs and lets go of the directory.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _maintenance.DisposeAsync();
        await Task.Run(_writer.Stop);
        try
        {
            _writer.CloseActive();
            _sealer.SealClosed();
        }
        catch (IOException)
        {
            // Nothing is lost: the next start reads the logs that have no index file.
        }

        Release();
    }

    /// <summary>One group commit and the sealing that follows, for tests without background work.</summary>
    internal bool Step() => _writer.Pump();

    internal void SealClosed() => _sealer.SealClosed();

    /// <summary>Lets go of everything without writing anything, as the end of the process would.</summary>
    internal void Release()
    {
        Volatile.Write(ref _disposed, 1);
        _started = false;
        _catalog.Close();
        _instruments.Dispose();
        _lock.Dispose();
    }

    private void Start(VolumeRecovery recovery)
    {
        _space.Refresh();
        _writer.Start(recovery.NextSequence, recovery.LastCommit, recovery.EmptyLog);
        if (recovery.EmptyLog is null)
            _writer.OpenFirstLog();
        if (recovery.Torn.Count > 0)
            MarkTorn(recovery);
        foreach (var damage in Recovery.Damaged)
            _quarantine.Report(damage);
        LogOpened(_logger, Number, _catalog.Logs.Length, Recovery.ReplayedRecords, Recovery.TornBytes, State);
        _started = true;
        if (!_background)
            return;
        OnLogClosed();
        _writer.StartThread();
        _maintenance.Start();
    }

    /// <summary>Before anything else is stored: a restart must not take torn bodies for acknowledged ones.</summary>
    private void MarkTorn(VolumeRecovery recovery)
    {
        var marks = recovery.Torn.ConvertAll(torn => AppendControl(Quarantine.MarkFor(torn.Entry)).AsTask());
        while (_writer.Pump())
        {
        }

        Task.WhenAll(marks).GetAwaiter().GetResult();
    }

    private ValueTask<ShardReceipt> AppendControl(in RecordHeader header) => Enqueue(header, default);

    private async ValueTask<bool> ChangeAsync(
        RecordType type, Cid cid, ulong sequence, ulong argument, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        List<(ulong Sequence, long Bytes)> meant = [];
        var objectId = _reader.CollectUpTo(cid, sequence, meant);
        if (meant.Count == 0)
            return false;
        await AppendControl(new RecordHeader
        {
            Type = type, Cid = cid, ObjectId = objectId, Target = sequence, Argument = argument,
        });
        return true;
    }

    private async ValueTask<ShardReceipt> EnqueueTracedAsync(RecordHeader header, ReadOnlyMemory<byte> body)
    {
        using var span = VolumeInstruments.Traces.StartActivity("volume append and sync");
        span?.SetTag("vault.volume", Number).SetTag("vault.shard.bytes", body.Length);
        return await Enqueue(header, body);
    }

    private ValueTask<ShardReceipt> Enqueue(in RecordHeader header, ReadOnlyMemory<byte> body)
    {
        var request = AppendRequest.Rent(_requests, header, body);
        var task = request.Task;
        _writer.Enqueue(request);
        return task;
    }

    /// <summary>Index files are written aside.</summary>
    private void OnLogClosed()
    {
        if (_background)
            _ = Task.Run(_maintenance.SealQuietly);
    }

    /// <summary>But never more than two logs behind, so that memory stays bounded.</summary>
    private bool SealerKeepsUp()
    {
        if (_background && _sealer.Waiting > 1)
            _maintenance.SealQuietly();
        return !_background || _sealer.Waiting <= 2;
    }

    [LoggerMessage(EventId = 3012, Level = LogLevel.Information,
        Message = "Volume {Volume} is open: {Logs} logs, {Replayed} records replayed, {Torn} torn bytes cut, {State}")]
    private static partial void LogOpened(
        ILogger logger, uint volume, int logs, long replayed, long torn, VolumeState state);
}
