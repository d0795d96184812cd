namespace Vault.Silo.Serve;

/// <summary>Whether the process was told to stop: it is not ready, and serves on until its ports close.</summary>
internal sealed class Draining
{
    private volatile bool _begun;

    public bool HasBegun => _begun;

    public void Begin() => _begun = true;
}
