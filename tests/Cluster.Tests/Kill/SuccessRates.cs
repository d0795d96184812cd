using System.Diagnostics;

namespace Vault.Cluster.Tests.Kill;

/// <summary>Which part of the requests succeeded: of all, and of those that no fault was near.</summary>
internal sealed record SuccessRates(long All, long AllFailed, long Quiet, long QuietFailed)
{
    private static readonly long Aftermath = 10 * Stopwatch.Frequency;

    /// <summary>Share of all requests that succeeded.</summary>
    public double Overall => 1 - (double)AllFailed / Math.Max(1, All);

    /// <summary>Share of the requests that ran while no fault did, and none had ended less than 10 s before.</summary>
    public double OutsideFaults => 1 - (double)QuietFailed / Math.Max(1, Quiet);

    public static SuccessRates Of(KillHistory history)
    {
        var faults = history.Faults.OrderBy(f => f.Began).ToArray();
        long all = 0, allFailed = 0, quiet = 0, quietFailed = 0;
        foreach (var request in history.Requests)
        {
            all++;
            if (!request.Succeeded) allFailed++;
            if (Array.Exists(faults, f => request.Invoked <= f.Ended + Aftermath && request.Returned >= f.Began))
                continue;
            quiet++;
            if (!request.Succeeded) quietFailed++;
        }

        return new SuccessRates(all, allFailed, quiet, quietFailed);
    }

    public override string ToString() =>
        $"{All} requests, {Overall:P2} succeeded; {Quiet} away from faults, {OutsideFaults:P3} succeeded";
}
