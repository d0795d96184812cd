using System.Diagnostics;
using System.Text.Json;

namespace Vault.Runtime.Bench;

/// <summary>What one measurement gave.</summary>
internal sealed record Figure(string Name, double Rate, double? P50, double? P99, double? BytesPerCall)
{
    public static Figure Of(string name, double rate, List<long> times, double? bytesPerCall)
    {
        times.Sort();
        return new Figure(name, rate, Microseconds(times, 0.5), Microseconds(times, 0.99), bytesPerCall);
    }

    public Figure Print(Figure? limit = null)
    {
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            bench = "runtime",
            name = Name,
            calls_per_second = Math.Round(Rate),
            p50_us = Rounded(P50),
            p99_us = Rounded(P99),
            bytes_per_call = Rounded(BytesPerCall),
            rate_by_echo = Rounded(limit is null ? null : Rate / limit.Rate),
            p50_by_echo = Rounded(limit is null ? null : P50 / limit.P50),
        }));
        return this;
    }

    private static double? Rounded(double? value) => value is { } number ? Math.Round(number, 2) : null;

    private static double? Microseconds(List<long> times, double share) =>
        times.Count == 0 ? null : times[(int)((times.Count - 1) * share)] * 1e6 / Stopwatch.Frequency;
}
