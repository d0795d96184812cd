using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Vault.Runtime.Invocation;

namespace Vault.Runtime.Ownership;

/// <summary>
/// Membership by leases in a database: renewals are counted, no wall clock is compared, and every change of the live
/// set makes the next view. Runs on <see cref="IMembershipStore"/> and one clock.
/// </summary>
/// <remarks>docs/spec/membership.md</remarks>
internal sealed partial class LeasedMembership : IMembership, IAsyncDisposable
{
    private readonly IMembershipStore _store;
    private readonly LocalNode _node;
    private readonly MembershipOptions _options;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly MembershipInstruments _instruments;
    private readonly ILogger _logger;
    private readonly ViewHolder _published;
    private readonly Heartbeat _heartbeat;
    private readonly MembershipReader _reader;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private readonly string _process;
    private volatile Generation? _current;
    private volatile Joining? _joining;
    private SiloAddress? _previous;

    public LeasedMembership(
        IMembershipStore store,
        LocalNode node,
        MembershipOptions options,
        LeaseClock clock,
        Random random,
        IMembershipWakeups? wakeups,
        MembershipInstruments instruments,
        ILogger<LeasedMembership> logger)
    {
        (_store, _node, _options, _time, _random) = (store, node, options, clock.Time, random);
        (_instruments, _logger) = (instruments, logger);
        (_published, _heartbeat) = (new ViewHolder(node.Executor), new Heartbeat(node.Executor));
        _reader = new MembershipReader(
            store, options, clock.Time, node.Executor, random, wakeups, () => _current?.Keeper.Self, Took, instruments,
            logger);
        _process = options.Process ?? Guid.NewGuid().ToString("N");
        node.Lease.Require(clock.Time);
    }

    public event Action<string>? Lost;

    public async IAsyncEnumerable<ClusterSnapshot> WatchAsync([EnumeratorCancellation] CancellationToken ct)
    {
        _reader.Start();
        var seen = -1L;
        while (true)
        {
            var snapshot = await _published.WaitAsync(s => s.Revision > seen, ct);
            seen = snapshot.Revision;
            yield return snapshot;
        }
    }

    public Task WaitUntilReachableAsync(CancellationToken ct) => _reader.NextAsync(ct);

    public async Task JoinAsync(Member self, CancellationToken ct)
    {
        var silo = new StoredSilo
        {
            Address = self.Address, Name = self.Name, Process = _process, Weight = self.Weight,
            Adverts = self.Adverts,
        };
        var joining = new Joining(self.Address);
        _joining = joining;
        await ChangeViewAsync(
            cluster => IsDecided(joining, cluster),
            async step =>
            {
                joining.Sending(_time.GetTimestamp());
                var joined = await _store.JoinAsync(step, silo, _previous, ct);
                joining.Answered(joined);
                return joined;
            },
            ct);
    }

    public async Task AcknowledgeAsync(SiloAddress self, long view, CancellationToken ct)
    {
        while (Keeper(self) is { } keeper)
        {
            try
            {
                await _store.AcknowledgeAsync(self, view, ct);
                keeper.Acknowledged(view);
                _reader.Announce();
                return;
            }
            catch (MembershipUnavailableException)
            {
                await Task.Delay(_options.PollEvery, _time, ct);
            }
        }
    }

    public async Task LeaveAsync(SiloAddress self, CancellationToken ct)
    {
        await ChangeViewAsync(
            cluster => Keeper(self) is null
                || !cluster.Silos.Any(s => s.Address.Equals(self) && s.Gone is null && s.Leaving is null),
            step => _store.LeaveAsync(step, self, ct),
            ct);
    }

    /// <summary>Only of this process itself: others are removed when their silence proves that they are gone.</summary>
    public async Task RemoveAsync(SiloAddress member, CancellationToken ct)
    {
        Lose(member, "it was given up");
        using var timer = new CancellationTokenSource(_options.Lease / 3, _time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, ct);
        try
        {
            await _store.EndLeaseAsync(_process, limit.Token);
            _reader.Announce();
        }
        catch (Exception exception) when (exception is MembershipUnavailableException or OperationCanceledException)
        {
            LogNotEnded(_logger, exception, member);
        }
    }

    public void Suspect() => _reader.Hurry();

    public async Task StopAsync()
    {
        Generation? generation;
        lock (_gate)
        {
            (generation, _current) = (_current, null);
        }

        generation?.Stop();
        await _node.Executor.CancelAsync(_stopping);
        await _reader.StopAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _reader.Dispose();
        _stopping.Dispose();
    }

    private LeaseKeeper? Keeper(SiloAddress self) =>
        _current is { } current && current.Keeper.Self.Equals(self) ? current.Keeper : null;

    /// <summary>Whether the silo has joined, or was found to have been removed since.</summary>
    private bool IsDecided(Joining joining, StoredCluster cluster)
    {
        if (joining.Joined && !cluster.Silos.Any(s => s.Address.Equals(joining.Self)))
        {
            End(joining);
        }

        return _joining != joining;
    }

    /// <summary>What the row of a silo on its way in says: its lease begins, or it was removed before that.</summary>
    private void Decide(Joining joining, StoredSilo row)
    {
        // a row that was there before the silo asked to join is of a process that had the same address
        if (joining.SentAt is not { } sentAt || row is not { Gone: null, Ended: false })
        {
            End(joining);
        }
        else if (Interlocked.CompareExchange(ref _joining, null, joining) == joining)
        {
            _previous = joining.Self;
            Begin(joining.Self, sentAt);
        }
    }

    private void End(Joining joining)
    {
        if (Interlocked.CompareExchange(ref _joining, null, joining) == joining)
        {
            Report(joining.Self, "it was removed before it knew that it had joined");
        }
    }

    private void Begin(SiloAddress self, long sentAt)
    {
        var keeper = new LeaseKeeper(self, _store, _node.Lease, _heartbeat, _options, _time, sentAt);
        var generation = new Generation(keeper, _stopping.Token);
        lock (_gate)
        {
            _current = generation;
            _node.Lease.Begin(sentAt, _options.Lease);
        }

        _ = _node.Executor.Run(() => KeepAsync(generation));
    }

    private async Task KeepAsync(Generation generation)
    {
        try
        {
            Lose(generation.Keeper.Self, await generation.Keeper.KeepAsync(generation.Stopping));
        }
        catch (OperationCanceledException)
        {
            // it left, or was lost for another reason
        }
    }

    /// <summary>Tries until a reading shows that the view was changed, or needs no change.</summary>
    private async Task ChangeViewAsync(
        Func<StoredCluster, bool> done, Func<ViewStep, Task<bool>> change, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt = Math.Min(attempt + 1, 8))
        {
            var cluster = await _reader.NextAsync(ct);
            if (done(cluster))
            {
                return;
            }

            if (_reader.UntilNextView() is var wait && wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, _time, ct);
                continue;
            }

            try
            {
                if (await change(_reader.NextView(cluster)))
                {
                    _reader.Announce();
                    continue;
                }
            }
            catch (MembershipUnavailableException)
            {
                // whether it happened shows in the next reading
            }

            // others change the view too
            await Task.Delay(_random.NextDouble() * attempt * _options.ViewSpacing / 2, _time, ct);
        }
    }

    /// <summary>A reading; the snapshot is null when it is not complete.</summary>
    private void Took(StoredCluster cluster, ClusterSnapshot? snapshot, bool contradicts, long sentAt)
    {
        // the lease begins before anyone here can see the view
        if (_joining is { } joining
            && cluster.Silos.FirstOrDefault(s => s.Address.Equals(joining.Self)) is { } joined)
        {
            Decide(joining, joined);
        }

        if (_current is { } current)
        {
            var self = current.Keeper.Self;
            var row = cluster.Silos.FirstOrDefault(s => s.Address.Equals(self));
            if (contradicts || (row is { Gone: null } && current.Keeper.IsContradictedBy(row, sentAt)))
            {
                Lose(self, "the database went back");
            }
            else if (row is not { Gone: null, Ended: false })
            {
                // one that left in order serves nothing that others own; its lease runs out by itself
                Lose(self, row is { Retired: true } ? null : "it was removed");
            }
            else
            {
                current.Keeper.Acknowledged(row.Acknowledged); // joining has acknowledged a view, too
                current.Keeper.Learned(cluster.Current.Number);
            }
        }

        if (snapshot is not null)
        {
            _published.Update(snapshot);
        }
    }

    private void Lose(SiloAddress self, string? reason)
    {
        Generation? generation;
        lock (_gate)
        {
            if (_current is null || !_current.Keeper.Self.Equals(self))
            {
                return;
            }

            (generation, _current) = (_current, null);
            if (reason is not null)
            {
                _node.Lease.End();
            }
        }

        generation.Stop();
        if (reason is not null)
        {
            Report(self, reason);
        }
    }

    private void Report(SiloAddress self, string reason)
    {
        LogLost(_logger, self, reason);
        _instruments.LeaseLost();
        Lost?.Invoke(reason);
    }

    [LoggerMessage(
        EventId = 1011, Level = LogLevel.Error,
        Message = "{Silo} serves no more and joins again as a new generation: {Reason}")]
    private static partial void LogLost(ILogger logger, SiloAddress silo, string reason);

    [LoggerMessage(
        EventId = 1012, Level = LogLevel.Warning,
        Message = "The lease of {Silo} could not be ended in the database; it runs out by itself")]
    private static partial void LogNotEnded(ILogger logger, Exception exception, SiloAddress silo);

    /// <summary>
    /// A silo on its way in; its lease counts from the first question whose answer is not a plain no.
    /// </summary>
    private sealed class Joining(SiloAddress self)
    {
        private bool _uncertain;

        public SiloAddress Self => self;

        public long? SentAt { get; private set; }

        /// <summary>The database has said that it has joined.</summary>
        public bool Joined { get; private set; }

        public void Sending(long now)
        {
            _uncertain |= SentAt is not null;
            SentAt ??= now;
        }

        public void Answered(bool joined)
        {
            Joined |= joined;
            if (!joined && !_uncertain)
            {
                SentAt = null;
            }
        }
    }

    /// <summary>The silo as it joined once.</summary>
    private sealed class Generation
    {
        private readonly CancellationTokenSource _source;

        public Generation(LeaseKeeper keeper, CancellationToken stopping)
        {
            _source = CancellationTokenSource.CreateLinkedTokenSource(stopping);
            (Keeper, Stopping) = (keeper, _source.Token);
        }

        public LeaseKeeper Keeper { get; }

        public CancellationToken Stopping { get; }

        public void Stop() => _source.Cancel();
    }
}
