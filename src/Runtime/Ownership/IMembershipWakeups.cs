namespace Vault.Runtime;

/// <summary>
/// Tells the silos of a cluster that membership has changed, so that they read it at once. Hints: any may be lost, late
/// or doubled, and silos read every 250 ms without them.
/// </summary>
public interface IMembershipWakeups
{
    /// <summary>Wakes the other silos; returns at once.</summary>
    /// <param name="revision">What there is to read: grows with every change.</param>
    void Send(long revision);

    /// <summary>Calls <paramref name="wake"/> when another silo has sent, until disposed of.</summary>
    IDisposable Subscribe(Action wake);
}
