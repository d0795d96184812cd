namespace Vault.Runtime.Hosting;

/// <summary>The stages of a silo.</summary>
internal sealed class SiloLifecycle : StagedLifecycle, ISiloLifecycle;
