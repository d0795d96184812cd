using Microsoft.Extensions.Hosting;
using Vault.Runtime.Invocation;
using Vault.Runtime.Messaging;
using Vault.Runtime.Ownership;

namespace Vault.Runtime.Hosting;

/// <summary>Starts and stops a cluster client with its host.</summary>
internal sealed class ClientService(
    ViewAgent agent, ViewHolder views, RemoteCalls remote, CallDispatcher dispatcher, ReferenceTable references,
    CallDeadlines deadlines)
    : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        remote.Start(dispatcher, references, agent);
        agent.Follow();
        await views.WaitAsync(static s => !s.Current.Owners.IsEmpty, cancellationToken);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await remote.StopAsync();
        await agent.StopAsync();
        deadlines.Stop();
    }
}
