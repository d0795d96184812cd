using Vault.Runtime.Hosting;

namespace Vault.Runtime.Activation;

/// <summary>The stages of one activation.</summary>
internal sealed class GrainLifecycle : StagedLifecycle, IGrainLifecycle;
