using Microsoft.Extensions.Hosting;
using Vault.Runtime.Invocation;
using Vault.Runtime.Messaging;
using Vault.Runtime.Messaging.Tcp;
using Vault.Runtime.Ownership;

namespace Vault.Runtime.Hosting;

/// <summary>Starts and stops a cluster client with its host.</summary>
internal sealed class ClientService(
    ViewAgent agent, ViewHolder views, RemoteCalls remote, CallDispatcher dispatcher, ReferenceTable references,
    CallDeadlines deadlines, ClientConnections? connections)
    : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        remote.Start(dispatcher, references, agent);
        agent.Follow();
        await (connections is null
            ? views.WaitAsync(static s => !s.Current.Owners.IsEmpty, cancellationToken)
            : connections.StartAsync(cancellationToken));
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (connections is not null)
        {
            await connections.StopAsync();
        }

        await remote.StopAsync();
        await agent.StopAsync();
        deadlines.Stop();
    }
}
