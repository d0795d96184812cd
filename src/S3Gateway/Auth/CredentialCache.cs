using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace Vault.S3Gateway.Auth;

/// <summary>
/// Credentials that were proven here lately. A record is read again after at most a minute, which bounds revocation;
/// unsealed keys are wiped some minutes after their last use. Only a verified signature puts anything in.
/// </summary>
internal sealed class CredentialCache : IDisposable
{
    private const int MaxEntries = 100_000;

    private readonly ConcurrentDictionary<string, Entry> entries = new(StringComparer.Ordinal);
    private readonly TimeProvider time;
    private readonly S3Options options;
    private readonly ITimer sweep;
    private long drops;

    public CredentialCache(TimeProvider time, IOptions<S3Options> options)
    {
        this.time = time;
        this.options = options.Value;
        var period = TimeSpan.FromTicks(Math.Min(this.options.UnsealedCache.Ticks / 2, TimeSpan.TicksPerMinute / 2));
        sweep = time.CreateTimer(static state => ((CredentialCache)state!).Sweep(), this, period, period);
    }

    /// <summary>The entry of an access key id, entered; null when there is none. The caller leaves it.</summary>
    public Entry? Enter(string accessKeyId)
    {
        if (!entries.TryGetValue(accessKeyId, out var entry) || !entry.Caller.TryEnter())
            return null;
        entry.LastUsed = time.GetTimestamp();
        return entry;
    }

    /// <summary>True while the record behind the entry needs no further reading.</summary>
    public bool IsFresh(Entry entry) =>
        !entry.IsDropped && time.GetElapsedTime(entry.ReadAt) < options.CredentialCache;

    /// <summary>Begins a read of a record, to be given back when it is kept.</summary>
    public RecordRead BeginRead() => new(time.GetTimestamp(), Volatile.Read(ref drops));

    /// <summary>
    /// Has every entry that <paramref name="isStale"/> names read its record again before it is used. A read that runs
    /// now is for this one request only.
    /// </summary>
    public void Drop(Func<S3Caller, bool> isStale)
    {
        Interlocked.Increment(ref drops);
        foreach (var entry in entries.Values)
        {
            if (isStale(entry.Caller))
                entry.IsDropped = true;
        }
    }

    /// <summary>The record was read again and is as it was.</summary>
    public void Renew(Entry entry, RecordRead read)
    {
        entry.ReadAt = read.At;
        entry.IsDropped = false;
        if (read.Drops != Volatile.Read(ref drops))
            entry.IsDropped = true;
    }

    /// <summary>Keeps what a verified request unsealed.</summary>
    public void Add(string accessKeyId, S3Caller caller, RecordRead read)
    {
        if (entries.Count >= MaxEntries)
            Sweep();
        if (entries.Count >= MaxEntries)
            return;
        var entry = new Entry(caller, read.At, time.GetTimestamp());
        Entry? old = null;
        entries.AddOrUpdate(accessKeyId, entry, (_, previous) =>
        {
            old = previous;
            return entry;
        });
        if (read.Drops != Volatile.Read(ref drops))
            entry.IsDropped = true;
        old?.Caller.TryRetire();
    }

    /// <summary>Forgets a credential that was revoked or has changed.</summary>
    public void Remove(string accessKeyId, Entry entry)
    {
        if (entries.TryRemove(KeyValuePair.Create(accessKeyId, entry)))
            entry.Caller.TryRetire();
    }

    public void Dispose()
    {
        sweep.Dispose();
        foreach (var entry in entries.Values)
            entry.Caller.TryRetire();
        entries.Clear();
    }

    private void Sweep()
    {
        foreach (var (id, entry) in entries)
        {
            if (time.GetElapsedTime(entry.LastUsed) >= options.UnsealedCache && entry.Caller.TryRetire())
                entries.TryRemove(KeyValuePair.Create(id, entry));
        }
    }

    /// <summary>When a read began, and how many drops there had been.</summary>
    internal readonly record struct RecordRead(long At, long Drops)
    {
        /// <summary>A read of what somebody else had read before.</summary>
        public RecordRead Aged(TimeSpan age, TimeProvider time) =>
            this with { At = At - (long)(age.TotalSeconds * time.TimestampFrequency) };
    }

    /// <summary>A proven credential.</summary>
    internal sealed class Entry(S3Caller caller, long readAt, long lastUsed)
    {
        private long readAt = readAt;
        private long lastUsed = lastUsed;
        private volatile bool dropped;

        public S3Caller Caller { get; } = caller;

        /// <summary>When the read of its record began.</summary>
        public long ReadAt { get => Volatile.Read(ref readAt); set => Volatile.Write(ref readAt, value); }

        /// <summary>True when something said that the record may have changed.</summary>
        public bool IsDropped { get => dropped; set => dropped = value; }

        public long LastUsed { get => Volatile.Read(ref lastUsed); set => Volatile.Write(ref lastUsed, value); }
    }
}
