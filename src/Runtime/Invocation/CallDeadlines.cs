using System.Collections.Concurrent;

namespace Vault.Runtime.Invocation;

/// <summary>
/// Ends calls that take too long. Calls with the same time to wait are in one lane, so the first in is the first due.
/// </summary>
internal sealed class CallDeadlines(TimeProvider time)
{
    private readonly ConcurrentDictionary<TimeSpan, Lane> _lanes = new();
    private Lane? _last;

    public void Add(GrainRequest request, TimeSpan timeout)
    {
        var lane = _last;
        if (lane is null || lane.Wait != timeout)
        {
            lane = _last = _lanes.GetOrAdd(timeout, static (wait, time) => new Lane(wait, time), time);
        }

        lane.Add(request);
        if (request.IsDecided)
        {
            lane.Remove(request);
        }
    }

    public void Stop()
    {
        foreach (var (_, lane) in _lanes)
        {
            lane.Stop();
        }
    }

    private sealed class Lane : IDeadlineLane
    {
        private readonly Lock _gate = new();
        private readonly TimeProvider _time;
        private readonly long _ticks;
        private readonly ITimer _timer;
        private GrainRequest? _first;
        private GrainRequest? _last;
        private bool _armed;

        public Lane(TimeSpan wait, TimeProvider time)
        {
            Wait = wait;
            _time = time;
            _ticks = (long)(wait.TotalSeconds * time.TimestampFrequency);
            using var suppressed = ExecutionContext.IsFlowSuppressed()
                ? default(AsyncFlowControl?)
                : ExecutionContext.SuppressFlow();
            _timer = time.CreateTimer(
                static lane => ((Lane)lane!).Expire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        public TimeSpan Wait { get; }

        public void Add(GrainRequest request)
        {
            request.Deadline = _time.GetTimestamp() + _ticks;
            var arm = false;
            lock (_gate)
            {
                request.Lane = this;
                request.LanePrevious = _last;
                if (_last is null)
                {
                    _first = request;
                }
                else
                {
                    _last.LaneNext = request;
                }

                _last = request;
                if (!_armed)
                {
                    _armed = arm = true;
                }
            }

            if (arm)
            {
                _timer.Change(Wait, Timeout.InfiniteTimeSpan);
            }
        }

        public void Remove(GrainRequest request)
        {
            lock (_gate)
            {
                if (request.Lane is null)
                {
                    return;
                }

                Unlink(request);
            }
        }

        public void Stop() => _timer.Dispose();

        private void Unlink(GrainRequest request)
        {
            if (request.LanePrevious is null)
            {
                _first = request.LaneNext;
            }
            else
            {
                request.LanePrevious.LaneNext = request.LaneNext;
            }

            if (request.LaneNext is null)
            {
                _last = request.LanePrevious;
            }
            else
            {
                request.LaneNext.LanePrevious = request.LanePrevious;
            }

            request.Lane = null;
            request.LaneNext = request.LanePrevious = null;
        }

        private void Expire()
        {
            var now = _time.GetTimestamp();
            var due = new List<GrainRequest>();
            long next;
            lock (_gate)
            {
                while (_first is { } request && request.Deadline <= now)
                {
                    Unlink(request);
                    due.Add(request);
                }

                _armed = _first is not null;
                next = _first?.Deadline ?? 0;
            }

            if (next != 0)
            {
                _timer.Change(_time.GetElapsedTime(now, next) + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
            }

            foreach (var request in due)
            {
                request.TryFail(new TimeoutException(
                    $"No response from {request.Description} within {Wait}; whether it took effect is unknown."));
            }
        }
    }
}
