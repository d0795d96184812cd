namespace Vault.Runtime.Simulation.Scheduling;

/// <summary>
/// Brings continuations back to their process. Each step has one of its own, so that none runs on another's stack.
/// </summary>
internal sealed class ProcessContext(SimulatedProcess process) : SynchronizationContext
{
    public override void Post(SendOrPostCallback d, object? state) => process.Enqueue(d, state);

    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException();

    public override SynchronizationContext CreateCopy() => new ProcessContext(process);
}
