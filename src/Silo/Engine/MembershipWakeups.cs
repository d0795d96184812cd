#if GRAIN_ENGINE_VAULT
using Vault.Events.Bus;
using Vault.Runtime;

namespace Vault.Silo.Engine;

/// <summary>Changes of membership over the event bus.</summary>
internal sealed class MembershipWakeups(EventBus bus) : IMembershipWakeups
{
    public void Send(long revision) => bus.Publish(EventChannel.Views, revision);

    public IDisposable Subscribe(Action wake)
    {
        var subscription = bus.Subscribe(EventChannel.Views);
        _ = ListenAsync(subscription, wake);
        return subscription;
    }

    private static async Task ListenAsync(EventSubscription subscription, Action wake)
    {
        try
        {
            while (true)
            {
                await subscription.NextAsync(CancellationToken.None);
                wake();
            }
        }
        catch (ObjectDisposedException)
        {
            // the subscription has ended
        }
    }
}
#endif
