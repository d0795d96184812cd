using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Vault.Silo.Telemetry;

/// <summary>Instruments of this process as <c>/metrics</c>, and over OTLP when an endpoint is configured.</summary>
internal static class TelemetryServices
{
    private static readonly string[] Meters =
    [
        "Vault.*", "vault.*", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime",
    ];

    public static IServiceCollection AddVaultTelemetry(this IServiceCollection services, IConfiguration settings)
    {
        var catalog = new InstrumentCatalog();
        var exporter = new PrometheusExporter(catalog);
        services.AddMetrics();
        services.AddSingleton(_ => catalog).AddSingleton(exporter);
        var builder = Sdk.CreateMeterProviderBuilder()
            .AddMeter(Meters)
            .AddReader(new BaseExportingMetricReader(exporter));
        if (settings["OTEL_EXPORTER_OTLP_ENDPOINT"] is { Length: > 0 }) builder.AddOtlpExporter();
        var provider = builder.Build();
        return services.AddSingleton(_ => provider!);
    }

    public static void MapMetrics(this WebApplication app)
    {
        // Resolved once so that the container disposes it with the process.
        app.Services.GetRequiredService<MeterProvider>();
        app.MapGet("/metrics", (PrometheusExporter exporter) => Results.Text(
            exporter.Render(), "text/plain; version=0.0.4; charset=utf-8"))
            .ExcludeFromDescription();
    }
}
