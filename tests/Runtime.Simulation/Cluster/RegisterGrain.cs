namespace Vault.Runtime.Simulation.Cluster;

/// <summary>
/// A grain as ours are: takes its fence, then reads its state; decides on what it remembers, commits under its fence,
/// then changes memory.
/// </summary>
internal sealed class RegisterGrain(FencedRows rows) : Grain, IRegisterGrain
{
    private Held? _held;

    public override async Task OnActivateAsync(CancellationToken cancellationToken) =>
        _held = await rows.OpenAsync(this.GetPrimaryKeyString());

    public Task PutAsync(string value) => WriteAsync(value);

    public async Task<bool> CreateAsync(string value)
    {
        if (Current.Value is not null)
        {
            return false;
        }

        await WriteAsync(value);
        return true;
    }

    public Task DeleteAsync() => WriteAsync(null);

    public async Task<string?> GetAsync()
    {
        await Task.Yield();
        return Current.Value;
    }

    private Held Current => _held ?? throw new InvalidOperationException("The register's state is not known any more.");

    private async Task WriteAsync(string? value)
    {
        try
        {
            _held = await rows.CommitAsync(Current, value);
        }
        catch
        {
            // whatever happened shows when it is read again
            _held = null;
            DeactivateOnIdle();
            throw;
        }
    }
}
