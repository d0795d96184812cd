using System.Diagnostics.Metrics;
using System.Text;
using OpenTelemetry.Metrics;

namespace Vault.Silo.Telemetry;

/// <summary>OpenTelemetry names and units as Prometheus spells them.</summary>
internal static class PrometheusNames
{
    /// <summary>Name with unit and, for counters, <c>_total</c>.</summary>
    public static string Metric(Metric metric) =>
        Metric(metric.Name, metric.Unit, metric.MetricType is MetricType.LongSum or MetricType.DoubleSum);

    /// <summary>As above, before there is anything to export.</summary>
    public static string Metric(string instrument, string? unitOf, bool isCounter)
    {
        var name = new StringBuilder(Clean(instrument));
        var unit = unitOf switch
        {
            "s" => "_seconds",
            "ms" => "_milliseconds",
            "By" => "_bytes",
            "%" => "_percent",
            _ => "",
        };
        if (unit.Length > 0 && !name.ToString().EndsWith(unit, StringComparison.Ordinal)) name.Append(unit);
        if (isCounter)
        {
            name.Append("_total");
        }
        else if (name.ToString().EndsWith("_count", StringComparison.Ordinal))
        {
            name.Length -= "_count".Length;
        }

        return name.ToString();
    }

    /// <summary>The type of an instrument's metric.</summary>
    public static string TypeOf(Instrument instrument)
    {
        var type = instrument.GetType();
        var kind = type.IsGenericType ? type.GetGenericTypeDefinition() : type;
        return kind == typeof(Counter<>) || kind == typeof(ObservableCounter<>) ? "counter"
            : kind == typeof(Histogram<>) ? "histogram"
            : "gauge";
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
