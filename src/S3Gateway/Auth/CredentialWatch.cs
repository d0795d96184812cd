using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Vault.Events.Bus;
using Vault.Grains.Abstractions.Credentials;

namespace Vault.S3Gateway.Auth;

/// <summary>
/// Reads the feed of changed credentials whenever the bus wakes it, and each second without, and has the cache read
/// them again. Without a feed a revocation is bounded by <see cref="S3Options.CredentialCache"/> alone.
/// </summary>
internal sealed partial class CredentialWatch(
    EventBus events,
    EventInstruments instruments,
    IGrainFactory grains,
    CredentialCache cache,
    SharedCredentials shared,
    ILogger<CredentialWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);

    private long position = -1;
    private bool blind;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var subscription = events.Subscribe(EventChannel.Credentials, Poll);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var woken = position < 0
                    ? new(EventChannel.Credentials, 0, WakeReason.Gap)
                    : await subscription.NextAsync(stoppingToken);
                while (subscription.TryNext(out var newer))
                    woken = newer;
                await ReadAsync(woken.Reason, stoppingToken);
                blind = false;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // whatever it was, it is tried again; until then records age
            catch (Exception e)
#pragma warning restore CA1031
            {
                if (!blind)
                    LogBlind(e.Message);
                blind = true;
                await Task.Delay(Poll, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task ReadAsync(WakeReason reason, CancellationToken cancellationToken)
    {
        CredentialFeedPage page;
        do
        {
            var from = position;
            page = await grains.GetGrain<ICredentialFeedGrain>(0).ReadAsync(from, cancellationToken);
            await ApplyAsync(page, isFirst: from < 0);
            position = page.Number;
            if (reason == WakeReason.Poll && from >= 0 && page.Number != from)
                instruments.Missed(EventChannel.Credentials);
        }
        while (page.More);
    }

    private async Task ApplyAsync(CredentialFeedPage page, bool isFirst)
    {
        if (page.Gap || isFirst)
            cache.Drop(static _ => true);
        if (page.Changes.IsEmpty)
            return;
        var changed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var change in page.Changes)
        {
            changed.Add(change.Subject); // lookups, project and tenant ids cannot be mistaken for each other
            instruments.Read(EventChannel.Credentials, TimeSpan.FromMilliseconds(change.AgeMs));
        }

        cache.Drop(caller => changed.Contains(caller.Lookup) || changed.Contains(caller.Project.ProjectId.Value)
            || changed.Contains(caller.Project.TenantId.Value));
        await shared.DropAsync(changed);
    }

    [LoggerMessage(EventId = 5014, Level = LogLevel.Warning,
        Message = "Changes of credentials cannot be read: a revocation takes up to a minute until they can "
            + "({Problem})")]
    private partial void LogBlind(string problem);
}
