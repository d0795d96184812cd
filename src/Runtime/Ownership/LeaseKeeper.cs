namespace Vault.Runtime.Ownership;

/// <summary>Renews the lease of one generation of this silo until it is lost.</summary>
internal sealed class LeaseKeeper(
    SiloAddress self, IMembershipStore store, Lease lease, Heartbeat heartbeat, MembershipOptions options,
    TimeProvider time, long joinedAt)
{
    private readonly Lock _gate = new();
    private readonly Queue<(long View, long Since)> _unacknowledged = new();
    private long _lastSent = joinedAt;
    private long _readAt = joinedAt;
    private (long View, long At) _acknowledged;
    private (long Count, long At) _renewals;

    public SiloAddress Self => self;

    /// <summary>
    /// How long the tables may go unread while renewals succeed. Longer than the lease, so that it is never what ends
    /// the lease of a silo that has lost the database.
    /// </summary>
    private TimeSpan ReadWithin => options.Lease + options.AcknowledgeWithin;

    /// <summary>A reading: the view is known here and has to be acknowledged in time.</summary>
    public void Learned(long view)
    {
        lock (_gate)
        {
            _readAt = time.GetTimestamp();
            if (view > _acknowledged.View && (_unacknowledged.Count == 0 || view > _unacknowledged.Last().View))
            {
                _unacknowledged.Enqueue((view, time.GetTimestamp()));
            }
        }
    }

    public void Acknowledged(long view)
    {
        lock (_gate)
        {
            if (view > _acknowledged.View)
            {
                _acknowledged = (view, time.GetTimestamp());
            }

            while (_unacknowledged.TryPeek(out var first) && first.View <= view)
            {
                _unacknowledged.Dequeue();
            }
        }
    }

    /// <summary>Whether a reading lacks what the database had confirmed before it was asked for.</summary>
    public bool IsContradictedBy(StoredSilo row, long sentAt)
    {
        lock (_gate)
        {
            return (row.Acknowledged < _acknowledged.View && _acknowledged.At < sentAt)
                || (row.Renewals < _renewals.Count && _renewals.At < sentAt);
        }
    }

    /// <summary>Renews until the lease is lost, and says why.</summary>
    public async Task<string> KeepAsync(CancellationToken ct)
    {
        var retryAfter = options.RenewEvery / 5;
        while (true)
        {
            var pause = options.RenewEvery - time.GetElapsedTime(_lastSent);
            await Delay(pause > retryAfter ? pause : retryAfter, ct);
            if (!lease.IsValid)
            {
                return "no renewal came through in time";
            }

            if (Overdue() is { } overdue)
            {
                await Delay(lease.Remaining, ct);
                return overdue;
            }

            if (await TryRenewAsync(ct) is { } loss)
            {
                return loss;
            }
        }
    }

    private async Task<string?> TryRenewAsync(CancellationToken ct)
    {
        var remaining = lease.Remaining;
        var patience = options.Lease / 3;
        using var limit = new CancellationTokenSource(remaining < patience ? remaining : patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            await heartbeat.BeatAsync().WaitAsync(either.Token);
            var sentAt = time.GetTimestamp();
            var renewals = await store.RenewAsync(self, either.Token);
            if (renewals is null)
            {
                return "it was removed";
            }

            lock (_gate)
            {
                if (renewals <= _renewals.Count)
                {
                    return "the database went back";
                }

                _renewals = (renewals.Value, time.GetTimestamp());
            }

            _lastSent = sentAt;
            return lease.TryExtend(sentAt, options.Lease) ? null : "it was given up";
        }
        catch (MembershipUnavailableException)
        {
            return null;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>Why others must not wait for this silo any longer.</summary>
    private string? Overdue()
    {
        lock (_gate)
        {
            if (_unacknowledged.TryPeek(out var first)
                && time.GetElapsedTime(first.Since) > options.AcknowledgeWithin)
            {
                return $"view {first.View} could not be acknowledged within {options.AcknowledgeWithin}";
            }

            return time.GetElapsedTime(_readAt) > ReadWithin
                ? $"the membership tables could not be read for {ReadWithin}" : null;
        }
    }

    private Task Delay(TimeSpan pause, CancellationToken ct)
    {
        var left = lease.Remaining;
        return Task.Delay(pause < left ? pause : left, time, ct);
    }
}
