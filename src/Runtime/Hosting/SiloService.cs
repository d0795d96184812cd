using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Vault.Runtime.Activation;
using Vault.Runtime.Invocation;
using Vault.Runtime.Messaging;
using Vault.Runtime.Ownership;

namespace Vault.Runtime.Hosting;

/// <summary>Starts and stops a silo with its host.</summary>
internal sealed class SiloService(
    LocalNode node,
    ActivationTable table,
    ActivationCollector collector,
    ViewAgent views,
    IMembership membership,
    SiloGenerations generations,
    RemoteCalls remote,
    CallDispatcher dispatcher,
    ReferenceTable references,
    RuntimeInstruments instruments,
    SiloLifecycle lifecycle,
    CallDeadlines deadlines,
    ObserverTable observers,
    SiloControl control,
    IOptions<GrainCollectionOptions> collection,
    IServiceProvider services,
    ILoggerFactory loggers) : IHostedService
{
    private bool _killed;

    public SiloAddress Address => node.Address;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var filters = services.GetServices<IIncomingGrainCallFilter>().ToArray();
        var pipeline = new IncomingFilters(filters, withGrain: true);
        table.Start(new ActivationShared(
            node,
            references,
            services,
            collection.Value,
            views,
            instruments,
            loggers.CreateLogger<GrainActivation>(),
            filters.Length > 0 ? pipeline : null,
            pipeline));
        foreach (var participant in services.GetServices<ILifecycleParticipant<ISiloLifecycle>>())
        {
            participant.Participate(lifecycle);
        }

        lifecycle.Subscribe<SiloService>(ServiceLifecycleStage.RuntimeServices, ConnectAsync, DisconnectAsync);
        lifecycle.Subscribe<SiloService>(ServiceLifecycleStage.BecomeActive, JoinAsync, LeaveAsync);
        await lifecycle.StartAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) =>
        _killed ? Task.CompletedTask : lifecycle.StopAsync(cancellationToken);

    /// <summary>Ends as if the process had died: nothing is drained, no outcome leaves.</summary>
    public async Task KillAsync()
    {
        _killed = true;
        node.Lease.End();
        collector.Dispose();
        remote.Abort();
        await views.StopAsync();
        GiveUp();
        deadlines.Stop();
        await generations.StopAsync();
        await membership.StopAsync();
    }

    private void GiveUp()
    {
        table.Close();
        generations.AbandonAll("The silo has ended");
    }

    private Task ConnectAsync(CancellationToken ct)
    {
        observers.Add(control, SiloControl.Name);
        remote.Start(dispatcher, references, views);
        return Task.CompletedTask;
    }

    private async Task DisconnectAsync(CancellationToken ct)
    {
        await remote.StopAsync();
        deadlines.Stop();
    }

    private async Task JoinAsync(CancellationToken ct)
    {
        await generations.JoinAsync(ct);
        collector.Start();
    }

    private async Task LeaveAsync(CancellationToken ct)
    {
        collector.Dispose();
        await generations.StopAsync();
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(ct);
        membership.Lost += OnLost;
        try
        {
            if (!node.IsServing)
            {
                await node.Executor.CancelAsync(leaving);
            }

            await views.LeaveAsync(leaving.Token);
            table.Close();
            await Task.WhenAll(table.Activations().Select(a =>
            {
                a.Withdraw(new DeactivationReason(DeactivationReasonCode.ShuttingDown, "The silo stops."));
                return a.Deactivated;
            })).WaitAsync(leaving.Token);
        }
        catch (OperationCanceledException)
        {
            // the host waits no longer, or the lease is lost: what still runs is given up
            await views.StopAsync();
            GiveUp();
            await membership.RemoveAsync(node.Address, CancellationToken.None);
        }
        finally
        {
            membership.Lost -= OnLost;
        }

        node.Lease.End();
        await membership.StopAsync();

        void OnLost(string reason) => _ = node.Executor.CancelAsync(leaving);
    }
}
