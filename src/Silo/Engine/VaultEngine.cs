using Vault.Runtime.Sql;

namespace Vault.Silo.Engine;

/// <summary>
/// Host wiring of the default engine: one silo in this process, states and reminders in the database.
/// </summary>
internal static class VaultEngine
{
    public static void AddVaultEngine(this WebApplicationBuilder builder) => builder.UseOrleans(silo =>
    {
        silo.UseLocalhostClustering();
        silo.Services.AddSqlGrainStorage().AddSqlReminderTable();
        silo.AddReminders();
    });
}
