using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Timers;
using Vault.Runtime.Reminders;

namespace Orleans.Hosting;

/// <summary>Adds reminders to a silo.</summary>
public static class SiloBuilderReminderExtensions
{
    /// <summary>Adds reminders; an <see cref="IReminderTable"/> must be registered.</summary>
    public static ISiloBuilder AddReminders(this ISiloBuilder builder)
    {
        if (builder.Services.All(s => s.ServiceType != typeof(ReminderService)))
        {
            builder.Services.AddSingleton<ReminderService>();
            builder.Services.AddSingleton<IReminderRegistry>(static sp => sp.GetRequiredService<ReminderService>());
            builder.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(
                static sp => sp.GetRequiredService<ReminderService>());
        }

        return builder;
    }
}

/// <summary>Adds reminders in memory.</summary>
public static class SiloBuilderReminderMemoryExtensions
{
    /// <summary>Adds reminders that are kept in memory.</summary>
    public static ISiloBuilder UseInMemoryReminderService(this ISiloBuilder builder)
    {
        builder.AddReminders();
        builder.Services.TryAddSingleton<IReminderTable, InMemoryReminderTable>();
        return builder;
    }
}
