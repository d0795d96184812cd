using Vault.Sql;

namespace Vault.Grains.Store;

/// <summary>
/// The number that makes an activation the only one whose commits go through (decisions §1.3): taken before any state
/// is read, checked in each commit.
/// </summary>
internal static class Fence
{
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
}
