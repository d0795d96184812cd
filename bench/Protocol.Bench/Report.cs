using System.Globalization;

namespace Vault.Protocol.Bench;

/// <summary>
/// CPU time of one operation on one core, after a warm-up, as the best of several rounds; prints a line of text or
/// JSON. CPU time, because the limits of a PUT are stated in it and because other work on the machine disturbs it
/// least.
/// </summary>
internal sealed class Report(TextWriter output, bool json, string? filter)
{
    private const int Rounds = 7;
    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(60);

    /// <summary>An operation over <paramref name="bytes"/> bytes: GB/s, and bytes allocated per call.</summary>
    public void Throughput(string name, long bytes, Action operation)
    {
        if (Measure(name, operation) is not { } result)
        {
            return;
        }

        var rate = bytes / result.Seconds / 1e9;
        Line(name, $"{rate,10:0.00} GB/s", $"\"gb_per_s\":{rate:0.000}", result);
    }

    /// <summary>A single call: µs, and bytes allocated per call.</summary>
    public void Latency(string name, Action operation)
    {
        if (Measure(name, operation) is not { } result)
        {
            return;
        }

        var micro = result.Seconds * 1e6;
        Line(name, $"{micro,10:0.000} µs", $"\"us\":{micro:0.0000}", result);
    }

    private (double Seconds, long Allocated)? Measure(string name, Action operation)
    {
        if (filter is not null && !name.Contains(filter, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var calls = Calibrate(operation);
        var best = double.MaxValue;
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        for (var round = 0; round < Rounds; round++)
        {
            best = Math.Min(best, Time(operation, calls));
        }

        return (best / calls, (GC.GetAllocatedBytesForCurrentThread() - allocated) / (calls * Rounds));
    }

    private static long Calibrate(Action operation)
    {
        for (long calls = 1; ; calls *= 2)
        {
            if (Time(operation, calls) is var seconds && seconds > Round.TotalSeconds)
            {
                return calls;
            }
        }
    }

    private static double Time(Action operation, long calls)
    {
        var start = Environment.CpuUsage.TotalTime;
        for (var i = 0L; i < calls; i++)
        {
            operation();
        }

        return (Environment.CpuUsage.TotalTime - start).TotalSeconds;
    }

    private void Line(
        string name, FormattableString text, FormattableString number, (double Seconds, long Allocated) result) =>
        output.WriteLine(json
            ? $"{{\"bench\":\"{name}\",{FormattableString.Invariant(number)},\"allocated\":{result.Allocated}}}"
            : string.Create(CultureInfo.InvariantCulture, $"{name,-44}{Text(text)}  {result.Allocated,8} B/call"));

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
