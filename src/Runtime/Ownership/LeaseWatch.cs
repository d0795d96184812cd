namespace Vault.Runtime.Ownership;

/// <summary>
/// Which leases of others have certainly ended, judged by this process's clock alone: renewals that were read unchanged
/// for long enough, with no reading missed in between.
/// </summary>
internal sealed class LeaseWatch(MembershipOptions options, TimeProvider time)
{
    /// <summary>A pause between readings after which the others' silence proves nothing.</summary>
    private const int MaxPollsPaused = 8;

    private static readonly TimeSpan s_shortest = TimeSpan.FromMilliseconds(5);
    private readonly Dictionary<SiloAddress, Seen> _seen = [];
    private long _view = -1;
    private long _viewSince;
    private long? _answeredAt;
    private long _sentAt;

    /// <summary>Takes a successful reading.</summary>
    public void Took(StoredCluster cluster, long sentAt)
    {
        var now = time.GetTimestamp();
        if (_answeredAt is { } last && time.GetElapsedTime(last, now) > options.PollEvery * MaxPollsPaused)
        {
            _seen.Clear();
        }

        (_answeredAt, _sentAt) = (now, sentAt);
        if (cluster.Current.Number != _view)
        {
            (_view, _viewSince) = (cluster.Current.Number, now);
        }

        var live = cluster.Silos.Where(s => s.Gone is null).ToList();
        foreach (var gone in _seen.Keys.Except(live.Select(s => s.Address)).ToList())
        {
            _seen.Remove(gone);
        }

        foreach (var silo in live)
        {
            if (!_seen.TryGetValue(silo.Address, out var seen) || seen.Renewals != silo.Renewals)
            {
                _seen[silo.Address] = new Seen(silo.Renewals, now);
            }
        }
    }

    /// <summary>A reading failed: what was seen before it counts no more.</summary>
    public void Missed()
    {
        _seen.Clear();
        _answeredAt = null;
    }

    /// <summary>How long until the view may change: views keep their distance.</summary>
    public TimeSpan UntilNextView()
    {
        var wait = options.ViewSpacing - time.GetElapsedTime(_viewSince);
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    /// <summary>Who may be removed, other than this silo for its silence.</summary>
    public List<Removal> Due(StoredCluster cluster, SiloAddress? self)
    {
        var due = new List<Removal>();
        foreach (var silo in cluster.Silos.Where(s => s.Gone is null))
        {
            if (silo.Acknowledged >= silo.Leaving)
            {
                due.Add(new Removal(silo.Address, RemovalCondition.Left, silo.Renewals));
            }
            else if (silo.Ended)
            {
                due.Add(new Removal(silo.Address, RemovalCondition.Ended, silo.Renewals));
            }
            else if (!silo.Address.Equals(self) && Silent(silo) >= options.RemoveAfter)
            {
                due.Add(new Removal(silo.Address, RemovalCondition.Unchanged, silo.Renewals));
            }
        }

        return due;
    }

    /// <summary>How long to wait for the next reading: less when it could allow a removal.</summary>
    public TimeSpan UntilNextReading(bool removalWaits)
    {
        var pause = options.PollEvery;
        if (removalWaits && UntilNextView() is var wait && wait < pause)
        {
            pause = wait;
        }

        foreach (var (_, seen) in _seen)
        {
            var left = options.RemoveAfter - time.GetElapsedTime(seen.Since);
            pause = left > TimeSpan.Zero && left < pause ? left : pause;
        }

        return pause > s_shortest ? pause : s_shortest;
    }

    /// <summary>From the answer that first had its renewals to the question whose answer still had them.</summary>
    private TimeSpan Silent(StoredSilo silo) =>
        _seen.TryGetValue(silo.Address, out var seen) && seen.Renewals == silo.Renewals && _sentAt > seen.Since
            ? time.GetElapsedTime(seen.Since, _sentAt)
            : TimeSpan.Zero;

    private readonly record struct Seen(long Renewals, long Since);
}
