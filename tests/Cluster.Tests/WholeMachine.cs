namespace Vault.Cluster.Tests;

/// <summary>
/// Tests that run a cluster of processes against the clock of its leases: one at a time, with nothing else beside it.
/// </summary>
[CollectionDefinition(nameof(WholeMachine), DisableParallelization = true)]
public sealed class WholeMachine;
