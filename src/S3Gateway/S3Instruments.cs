using System.Diagnostics;
using System.Diagnostics.Metrics;
using Vault.S3Gateway.Routing;

namespace Vault.S3Gateway;

/// <summary>Counts what the front door does, by operation and class of status only.</summary>
internal sealed class S3Instruments
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Vault.S3Gateway";

    private static readonly string[] Operations = [.. Enum.GetNames<S3Operation>()];
    private static readonly string[] Classes = ["0xx", "1xx", "2xx", "3xx", "4xx", "5xx"];

    private readonly Counter<long> requests;
    private readonly Counter<long> received;
    private readonly Counter<long> sent;
    private readonly Histogram<double> duration;
    private readonly UpDownCounter<long> active;
    private readonly Counter<long> refusedSignatures;
    private readonly Counter<long> unparsed;

    public S3Instruments(IMeterFactory factory)
    {
        var meter = factory.Create(MeterName);
        requests = meter.CreateCounter<long>("vault.s3.requests", "{request}", "Requests answered.");
        received = meter.CreateCounter<long>("vault.s3.received", "By", "Body bytes received, decoded.");
        sent = meter.CreateCounter<long>("vault.s3.sent", "By", "Body bytes sent.");
        active = meter.CreateUpDownCounter<long>("vault.s3.active_requests", "{request}", "Requests being answered.");
        refusedSignatures = meter.CreateCounter<long>(
            "vault.s3.failed_authentications", "{request}", "Requests whose signer could not be proven.");
        unparsed = meter.CreateCounter<long>(
            "vault.s3.unparsed_requests", "{request}", "Requests that HTTP's own rules refused.");
        duration = meter.CreateHistogram(
            "vault.s3.request.duration", "s", "Time from the request's headers to the end of the answer.",
            advice: new InstrumentAdvice<double>
            {
                HistogramBucketBoundaries =
                    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120],
            });
    }

    public void Began() => active.Add(1);

    public void AuthenticationFailed() => refusedSignatures.Add(1);

    public void Unparsed() => unparsed.Add(1);

    public void Ended(S3Operation operation, int status, long bytesIn, long bytesOut, TimeSpan elapsed)
    {
        active.Add(-1);
        var name = new KeyValuePair<string, object?>("operation", Operations[(int)operation]);
        var tags = new TagList { name, new("status", Classes[Math.Clamp(status / 100, 0, 5)]) };
        requests.Add(1, tags);
        duration.Record(elapsed.TotalSeconds, tags);
        if (bytesIn > 0)
            received.Add(bytesIn, name);
        if (bytesOut > 0)
            sent.Add(bytesOut, name);
    }
}
