using Vault.Runtime.Activation;

namespace Vault.Runtime.Invocation;

/// <summary>
/// This member of the cluster, a silo or a client: its address, its clock, and whether it may answer.
/// </summary>
internal sealed class LocalNode(SiloAddress address, string name, TimeProvider time)
{
    private volatile bool _serving = true;

    public SiloAddress Address { get; } = address;

    public string Name { get; } = name;

    public TimeProvider Time { get; } = time;

    public Executor Executor { get; init; } = Executor.Pool;

    /// <summary>False once the lease has ended: no outcome may leave any more.</summary>
    public bool IsServing
    {
        get => _serving;
        set => _serving = value;
    }

    /// <summary>Sends a call, that was not started here, to where it is served now.</summary>
    public Action<GrainRequest> Dispatch { get; set; } =
        static _ => throw new InvalidOperationException("The node has not started.");
}
