namespace Vault.Cluster.Tests;

/// <summary>
/// Tests that run a cluster of processes, or measure: one at a time, with nothing else beside it.
/// </summary>
[CollectionDefinition(nameof(WholeMachine), DisableParallelization = true)]
public sealed class WholeMachine;
