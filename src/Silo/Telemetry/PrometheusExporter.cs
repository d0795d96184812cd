using System.Globalization;
using System.Text;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Vault.Silo.Telemetry;

/// <summary>Renders the current value of every instrument as Prometheus text (version 0.0.4) when asked.</summary>
[ExportModes(ExportModes.Pull)]
internal sealed class PrometheusExporter(InstrumentCatalog catalog) : BaseExporter<Metric>, IPullMetricExporter
{
    private readonly StringBuilder _text = new();
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public Func<int, bool>? Collect { get; set; }

    /// <summary>Collects now. One caller at a time.</summary>
    public string Render()
    {
        lock (_text)
        {
            _text.Clear();
            _seen.Clear();
            Collect?.Invoke(2000);
            foreach (var (name, type, help) in catalog.All.OrderBy(i => i.Name, StringComparer.Ordinal))
            {
                if (_seen.Add(name)) WriteHead(name, type, help);
            }

            return _text.ToString();
        }
    }

    /// <inheritdoc/>
    public override ExportResult Export(in Batch<Metric> batch)
    {
        foreach (var metric in batch)
        {
            var name = PrometheusNames.Metric(metric);
            if (_seen.Add(name)) WriteMetric(metric, name);
        }

        return ExportResult.Success;
    }

    private void WriteMetric(Metric metric, string name)
    {
        var kind = metric.MetricType switch
        {
            MetricType.LongSum or MetricType.DoubleSum => "counter",
            MetricType.Histogram => "histogram",
            _ => "gauge",
        };
        WriteHead(name, kind, metric.Description);
        foreach (ref readonly var point in metric.GetMetricPoints())
        {
            switch (metric.MetricType)
            {
                case MetricType.Histogram: WriteHistogram(name, point); break;
                case MetricType.LongSum or MetricType.LongSumNonMonotonic:
                    WriteSample(name, point, null, null, point.GetSumLong().ToString(CultureInfo.InvariantCulture));
                    break;
                case MetricType.DoubleSum or MetricType.DoubleSumNonMonotonic:
                    WriteSample(name, point, null, null, Number(point.GetSumDouble())); break;
                case MetricType.LongGauge:
                    WriteSample(
                        name, point, null, null, point.GetGaugeLastValueLong().ToString(CultureInfo.InvariantCulture));
                    break;
                case MetricType.DoubleGauge:
                    WriteSample(name, point, null, null, Number(point.GetGaugeLastValueDouble())); break;
                default: break;
            }
        }
    }

    private void WriteHead(string name, string type, string? help) =>
        _text.Append("# HELP ").Append(name).Append(' ')
            .AppendLine(string.IsNullOrEmpty(help) ? name : help.Replace('\n', ' '))
            .Append("# TYPE ").Append(name).Append(' ').AppendLine(type);

    private void WriteHistogram(string name, in MetricPoint point)
    {
        long cumulative = 0;
        foreach (var bucket in point.GetHistogramBuckets())
        {
            cumulative += bucket.BucketCount;
            var bound = double.IsPositiveInfinity(bucket.ExplicitBound) ? "+Inf" : Number(bucket.ExplicitBound);
            WriteSample(name + "_bucket", point, "le", bound, cumulative.ToString(CultureInfo.InvariantCulture));
        }

        WriteSample(name + "_sum", point, null, null, Number(point.GetHistogramSum()));
        WriteSample(
            name + "_count", point, null, null, point.GetHistogramCount().ToString(CultureInfo.InvariantCulture));
    }

    private void WriteSample(string name, in MetricPoint point, string? label, string? labelValue, string value)
    {
        _text.Append(name);
        var separator = '{';
        foreach (var tag in point.Tags)
        {
            WriteLabel(
                ref separator, PrometheusNames.Label(tag.Key),
                Convert.ToString(tag.Value, CultureInfo.InvariantCulture) ?? "");
        }

        if (label is not null) WriteLabel(ref separator, label, labelValue!);
        if (separator == ',') _text.Append('}');
        _text.Append(' ').Append(value).Append('\n');
    }

    private void WriteLabel(ref char separator, string name, string value)
    {
        _text.Append(separator).Append(name).Append("=\"");
        foreach (var c in value)
        {
            _ = c switch
            {
                '\\' => _text.Append(@"\\"),
                '"' => _text.Append("\\\""),
                '\n' => _text.Append("\\n"),
                _ => _text.Append(c),
            };
        }

        _text.Append('"');
        separator = ',';
    }

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
