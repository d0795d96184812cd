using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Vault.Grains.Abstractions.Usage;
using Vault.Protocol.Ids;

namespace Vault.S3Gateway;

/// <summary>
/// Adds up each project's traffic and reports it every few seconds; a report that fails is sent again.
/// </summary>
internal sealed partial class TrafficMeter(IGrainFactory grains, TimeProvider time, ILogger<TrafficMeter> logger)
    : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);
    private readonly ConcurrentDictionary<ProjectId, Counts> projects = new();

    /// <summary>Counts one request; failed ones (5xx) cost nothing.</summary>
    public void Count(ProjectId project, long bytesIn, long bytesOut, int status)
    {
        if (status < 500)
            projects.GetOrAdd(project, static _ => new Counts()).Add(bytesIn, bytesOut);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await ReportAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await ReportAsync(CancellationToken.None);
        }
    }

    private async Task ReportAsync(CancellationToken cancellationToken)
    {
        foreach (var (project, counts) in projects)
        {
            if (counts.Take() is not { } report)
                continue;
            try
            {
                await grains.GetGrain<IUsageGrain>(project.Value).ReportAsync(report, cancellationToken);
                counts.Sent();
            }
            catch (Exception exception)
            {
                // The loop is its own outermost handler: what was not received is sent again.
                LogUnsent(exception, project);
            }
        }
    }

    [LoggerMessage(EventId = 5020, Level = LogLevel.Warning, Message = "Traffic of {Project} could not be reported")]
    private partial void LogUnsent(Exception exception, ProjectId project);

    private sealed class Counts
    {
        private long requests;
        private long bytesIn;
        private long bytesOut;
        private TrafficReport? unsent;

        public void Add(long received, long sent)
        {
            Interlocked.Increment(ref requests);
            Interlocked.Add(ref bytesIn, received);
            Interlocked.Add(ref bytesOut, sent);
        }

        /// <summary>The report to send: the same one, with its id, until it was received.</summary>
        public TrafficReport? Take()
        {
            if (unsent is null && Volatile.Read(ref requests) > 0)
            {
                unsent = new()
                {
                    ReportId = Guid.NewGuid(),
                    Requests = Interlocked.Exchange(ref requests, 0),
                    BytesIn = Interlocked.Exchange(ref bytesIn, 0),
                    BytesOut = Interlocked.Exchange(ref bytesOut, 0),
                };
            }

            return unsent;
        }

        public void Sent() => unsent = null;
    }
}
