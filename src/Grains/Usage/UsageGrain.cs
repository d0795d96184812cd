using Vault.Grains.Abstractions.Usage;
using Vault.Grains.Store;
using Vault.Sql;

namespace Vault.Grains.Usage;

/// <summary>Adds up a project's traffic; nothing is remembered.</summary>
internal sealed class UsageGrain(Database database, TimeProvider time) : Grain, IUsageGrain
{
    private long Month
    {
        get
        {
            var now = time.GetUtcNow();
            return now.Year * 100L + now.Month;
        }
    }

    public async Task ReportAsync(TrafficReport report, CancellationToken cancellationToken)
    {
        var row = new UsageReport(this.GetPrimaryKeyString(), Month, report);
        var transaction = database.Begin();
        transaction.Check(UsageTable.Remember, row);
        transaction.Execute(UsageTable.Add, row);
        await transaction.SendAsync(cancellationToken); // a failed check: the report was counted before
    }

    public async Task<ProjectUsage> ReadAsync(CancellationToken cancellationToken) =>
        (await database.ReadFirstAsync(
            UsageTable.Read, new UsageOf(this.GetPrimaryKeyString(), Month), cancellationToken))!;
}
