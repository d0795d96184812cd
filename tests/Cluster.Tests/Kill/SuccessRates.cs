using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Vault.Cluster.Tests.Kill;

/// <summary>
/// Which part of the requests succeeded: of all, and of those that no fault was near. One whose connection was refused
/// counts only in the latter: its client asks a port behind which nobody is, as fast as it can, which no load balancer
/// would.
/// </summary>
internal sealed class SuccessRates
{
    /// <summary>How long after a fault its traces are borne, in ticks of the test's clock: 10 s.</summary>
    public static readonly long Aftermath = 10 * Stopwatch.Frequency;

    private const string Refused = "0 ConnectionRefused";

    private readonly long _began;
    private readonly List<RequestEvent> _failed = [];
    private readonly List<RequestEvent> _failedInQuiet = [];
    private long _all;
    private long _quiet;
    private long _refused;

    public SuccessRates(KillHistory history)
    {
        _began = history.Began;
        var faults = history.Faults.ToArray();
        foreach (var request in history.Requests)
        {
            var isQuiet = !Array.Exists(
                faults, f => request.Invoked <= f.Ended + Aftermath && request.Returned >= f.Began);
            if (isQuiet) _quiet++;
            else if (request.Failure == Refused)
            {
                _refused++;
                continue;
            }

            _all++;
            if (request.Failure is null) continue;
            _failed.Add(request);
            if (isQuiet) _failedInQuiet.Add(request);
        }
    }

    /// <summary>Share of all requests that succeeded.</summary>
    public double Overall => 1 - (double)_failed.Count / Math.Max(1, _all);

    /// <summary>Share of the requests that ran while no fault did, and none had ended less than 10 s before.</summary>
    public double OutsideFaults => 1 - (double)_failedInQuiet.Count / Math.Max(1, _quiet);

    public override string ToString()
    {
        var text = new StringBuilder().AppendLine(CultureInfo.InvariantCulture,
            $"{_all} requests, {Overall:P2} succeeded; {_quiet} away from faults, {OutsideFaults:P3} succeeded; "
            + $"{_refused} more met nobody");
        foreach (var kind in _failed.GroupBy(r => $"{r.Kind}: {r.Failure}").OrderByDescending(g => g.Count()))
            text.AppendLine(CultureInfo.InvariantCulture, $"  {kind.Count()} {kind.Key}");
        foreach (var request in _failedInQuiet.OrderBy(r => r.Invoked).Take(20))
        {
            text.AppendLine(CultureInfo.InvariantCulture,
                $"  away from faults, {Seconds(request.Invoked):F3} s to {Seconds(request.Returned):F3} s: {request}");
        }

        return text.ToString();
    }

    private double Seconds(long moment) => Stopwatch.GetElapsedTime(_began, moment).TotalSeconds;
}
