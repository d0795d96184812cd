using Vault.Sql;

namespace Vault.Grains.Store;

/// <summary>
/// The number that makes an activation the only one whose commits go through (decisions §1.3): taken before any state
/// is read, checked in each commit.
/// </summary>
internal static class Fence
{
    /// <summary>As a check: only the newest activation of the grain writes, and none comes before the commit.</summary>
    public static readonly SqlStatement<FencedGrain> Guard = new(
        "select 1 from grain_fence where grain_id = @grain and fence = @fence for share",
        static (p, self) => Bind(p, self));

    private static readonly SqlQuery<string, long> Stored = new(
        "select fence from grain_fence where grain_id = @grain",
        static (p, grain) => p.Text("grain", grain),
        static row => row.Bigint(0));

    private static readonly SqlQuery<string, long> Raise = new(
        """
        insert into grain_fence (grain_id, fence) values (@grain, 1)
        on conflict (grain_id) do update set fence = grain_fence.fence + 1
        returning fence
        """,
        static (p, grain) => p.Text("grain", grain),
        static row => row.Bigint(0));

    /// <summary>Takes the next fence; every earlier activation of the grain can commit nothing from now on.</summary>
    public static async Task<long> TakeAsync(Database database, string grainId, CancellationToken ct)
    {
        // Raising a fence is what a delete needs too, so it may go on when only the reserve is left.
        var transaction = database.Begin(mayUseReserve: true);
        var fence = transaction.Query(Raise, grainId);
        await transaction.SendAsync(ct);
        return fence.Rows[0];
    }

    /// <summary>Whether no newer activation has begun.</summary>
    public static async Task<bool> HoldsAsync(Database database, FencedGrain self, CancellationToken ct) =>
        await database.ReadAsync(Stored, self.GrainId, ct) is [var fence] && fence == self.Fence;

    private static void Bind(SqlParameters p, FencedGrain self)
    {
        p.Text("grain", self.GrainId);
        p.Bigint("fence", self.Fence);
    }
}

/// <summary>An activation and its fence.</summary>
internal sealed record FencedGrain(string GrainId, long Fence);

/// <summary>A newer activation of the grain has taken the fence.</summary>
internal sealed class FenceLostException() : Exception("A newer activation of the grain writes now.");
