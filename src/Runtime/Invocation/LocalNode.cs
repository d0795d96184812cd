using Vault.Runtime.Activation;
using Vault.Runtime.Ownership;

namespace Vault.Runtime.Invocation;

/// <summary>
/// This member of the cluster, a silo or a client: its address, its clock, and whether it may answer.
/// </summary>
internal sealed class LocalNode(SiloAddress address, string name, TimeProvider time)
{
    private volatile SiloAddress _address = address;

    /// <summary>Changes when a silo that lost its lease joins again as a new generation.</summary>
    public SiloAddress Address
    {
        get => _address;
        set => _address = value;
    }

    public string Name { get; } = name;

    public TimeProvider Time { get; } = time;

    public Executor Executor { get; init; } = Executor.Pool;

    public Lease Lease { get; } = new();

    /// <summary>False once the lease has ended: no outcome may leave any more.</summary>
    public bool IsServing => Lease.IsValid;

    /// <summary>Sends a call, that was not started here, to where it is served now.</summary>
    public Action<GrainRequest> Dispatch { get; set; } =
        static _ => throw new InvalidOperationException("The node has not started.");
}
