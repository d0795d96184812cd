using System.Diagnostics.Metrics;
using OpenTelemetry.Metrics;

namespace Vault.Silo.Telemetry;

/// <summary>Instruments of this process as <c>/metrics</c>, and over OTLP when an endpoint is configured.</summary>
internal static class TelemetryServices
{
    private static readonly string[] Meters =
    [
        "Vault.*", "vault.*", "Microsoft.Orleans", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime",
    ];

    /// <summary>
    /// Counters that alerts watch and that may stand still for ever: without a zero before it, Prometheus does not see
    /// the first event.
    /// </summary>
    private static readonly string[] Watched =
        ["vault.events.dropped", "vault.storage.quarantined", "orleans-messaging-pings-reply-missed"];

    public static IServiceCollection AddVaultTelemetry(this IServiceCollection services, IConfiguration settings)
    {
        services.AddOpenTelemetry().WithMetrics(metrics =>
        {
            metrics.AddMeter(Meters).AddView(Acceptable).AddPrometheusExporter(prometheus =>
            {
                prometheus.ScopeInfoEnabled = prometheus.TargetInfoEnabled = false;
                prometheus.ScrapeResponseCacheDurationMilliseconds = 0;
            });
            if (settings["OTEL_EXPORTER_OTLP_ENDPOINT"] is { Length: > 0 }) metrics.AddOtlpExporter();
        });
        return services.AddSingleton<MeterListener>();
    }

    public static void MapMetrics(this WebApplication app)
    {
        app.MapPrometheusScrapingEndpoint();
        var zeros = app.Services.GetRequiredService<MeterListener>(); // ends with the process
        zeros.InstrumentPublished = static (instrument, _) =>
        {
            if (!Watched.Contains(instrument.Name)) return;
            if (instrument is Counter<long> counter) counter.Add(0);
            else if (instrument is Counter<int> small) small.Add(0);
        };
        zeros.Start();
    }

    /// <summary>
    /// What promtool refuses in others' instruments: a gauge called count, one without a description, and units that
    /// are not seconds or bytes, which a view cannot mend.
    /// </summary>
    private static MetricStreamConfiguration? Acceptable(Instrument instrument)
    {
        if (instrument.Unit is "ms" or "MB") return MetricStreamConfiguration.Drop;
        var name = instrument.Name;
        if (name.Length > 6 && name[^6..] is ".count" or "-count" && !IsCounter(instrument)) name = name[..^6];
        var description = instrument.Description is { Length: > 0 } told ? told : instrument.Name;
        if (NamesSilos(instrument.Name))
            return new MetricStreamConfiguration { Name = name, Description = description, TagKeys = [] };
        return name == instrument.Name && description == instrument.Description
            ? null
            : new MetricStreamConfiguration { Name = name, Description = description };
    }

    /// <summary>
    /// Orleans' instruments with a label for each silo that ever was. (promtool does not take their other labels.)
    /// </summary>
    private static bool NamesSilos(string instrument) => instrument is "orleans-messaging-sent-messages-size"
            or "orleans-messaging-received-messages-size"
        || instrument.StartsWith("orleans-messaging-pings-", StringComparison.Ordinal);

    private static bool IsCounter(Instrument instrument) =>
        instrument.GetType() is { IsGenericType: true } type
        && (type.GetGenericTypeDefinition() == typeof(Counter<>)
            || type.GetGenericTypeDefinition() == typeof(ObservableCounter<>));
}
