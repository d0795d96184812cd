using Vault.Runtime.Simulation.Database;
using Vault.Runtime.Simulation.Scheduling;

namespace Vault.Runtime.Simulation.Cluster;

/// <summary>What an activation remembers of its register.</summary>
/// <param name="Grain">The register.</param>
/// <param name="Fence">The activation's fence.</param>
/// <param name="Version">Commits so far.</param>
/// <param name="Value">The value.</param>
internal sealed record Held(string Grain, long Fence, long Version, string? Value);

/// <summary>Registers in the database, by the rules of decisions §1.3, less what is taken away from them.</summary>
internal sealed class FencedRows(DatabaseServer database, SimulatedProcess process, FenceBreak without)
{
    public const string Fences = "fence";
    public const string States = "state";

    public async Task<Held> OpenAsync(string grain)
    {
        if (without == FenceBreak.TakenAfterTheState)
        {
            var before = await ReadAsync(grain);
            var late = await RaiseAsync(grain);
            return new Held(grain, late, before?.Number ?? 0, before?.Value);
        }

        var fence = await RaiseAsync(grain);
        var row = await ReadAsync(grain);
        return new Held(grain, fence, row?.Number ?? 0, row?.Value);
    }

    public async Task<Held> CommitAsync(Held held, string? value)
    {
        var write = new Statement(StatementKind.Write, States, held.Grain, held.Version + 1, value);
        var check = without == FenceBreak.CheckedWithoutLock ? StatementKind.Check : StatementKind.CheckLocked;
        var results = without == FenceBreak.NotChecked
            ? await database.ExecuteAsync(process, write)
            : await database.ExecuteAsync(
                process, new Statement(check, Fences, held.Grain, held.Fence), write);
        return results[^1].Row is null
            ? throw new InvalidOperationException("Another activation has taken the register over.")
            : held with { Version = held.Version + 1, Value = value };
    }

    private async Task<long> RaiseAsync(string grain) =>
        (await database.ExecuteAsync(process, new Statement(StatementKind.Raise, Fences, grain)))[0].Row!.Number;

    private async Task<StoredRow?> ReadAsync(string grain) =>
        (await database.ExecuteAsync(process, new Statement(StatementKind.Read, States, grain)))[0].Row;
}

/// <summary>What is left out of the rules of the fence.</summary>
internal enum FenceBreak
{
    None,
    NotChecked,
    CheckedWithoutLock,
    TakenAfterTheState,
}
