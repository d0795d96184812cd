using System.Text;
using OpenTelemetry.Metrics;

namespace Vault.Silo.Telemetry;

/// <summary>OpenTelemetry names and units as Prometheus spells them.</summary>
internal static class PrometheusNames
{
    /// <summary>Name with unit and, for counters, <c>_total</c>.</summary>
    public static string Metric(Metric metric)
    {
        var name = new StringBuilder(Clean(metric.Name));
        var unit = metric.Unit switch
        {
            "s" => "_seconds",
            "ms" => "_milliseconds",
            "By" => "_bytes",
            "%" => "_percent",
            _ => "",
        };
        if (unit.Length > 0 && !name.ToString().EndsWith(unit, StringComparison.Ordinal)) name.Append(unit);
        if (metric.MetricType is MetricType.LongSum or MetricType.DoubleSum)
        {
            name.Append("_total");
        }
        else if (name.ToString().EndsWith("_count", StringComparison.Ordinal))
        {
            name.Length -= "_count".Length;
        }

        return name.ToString();
    }

    /// <summary>A label name.</summary>
    public static string Label(string name) => Clean(name);

    private static string Clean(string name)
    {
        var clean = name.ToCharArray();
        for (var i = 0; i < clean.Length; i++)
        {
            if (!char.IsAsciiLetterOrDigit(clean[i])) clean[i] = '_';
        }

        return new string(clean);
    }
}
