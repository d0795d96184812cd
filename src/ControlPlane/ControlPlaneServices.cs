using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Vault.ControlPlane.Accounts;
using Vault.ControlPlane.Credentials;
using Vault.ControlPlane.Dashboard;
using Vault.ControlPlane.Health;
using Vault.ControlPlane.Http;
using Vault.ControlPlane.Tokens;
using Vault.Events;
using Vault.Protocol.Credentials;
using Vault.Protocol.Macaroons;

namespace Vault.ControlPlane;

/// <summary>The operator API (docs/spec/control-plane.md).</summary>
public static class ControlPlaneServices
{
    /// <summary>Registers it; <see cref="ClusterKeys"/> and <see cref="IReadiness"/> come from the program.</summary>
    public static IServiceCollection AddControlPlane(this IServiceCollection services)
    {
        services.AddControlHealth();
        services.AddOpenApi();
        services.AddSingleton(s => MacaroonMasters(s.GetRequiredService<ClusterKeys>()));
        services.AddSingleton<CapabilityVerifier>().AddSingleton<ControlAuthentication>();
        services.AddSingleton<DashboardSessions>().AddSingleton<DashboardGate>();
        return services.AddSingleton<Idempotency>().AddSingleton<SignedCallers>();
    }

    /// <summary>Registers what health alone needs, for a process without the operator API.</summary>
    public static IServiceCollection AddControlHealth(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<ControlPlaneOptions, ControlPlaneOptionsValidator>()
            .BindConfiguration("ControlPlane");
        services.AddEvents(alone: true); // unless the host has said otherwise before
        services.AddRoutingCore();
        return services.AddSingleton<ControlLimits>().AddSingleton<ControlErrors>();
    }

    /// <summary>Maps the endpoints behind request ids and the error boundary.</summary>
    /// <param name="app">The program.</param>
    /// <param name="dashboard">Maps the engine's dashboard at a path, behind the gate; null for none.</param>
    public static void MapControlPlane(this WebApplication app, Action<string>? dashboard)
    {
        if (dashboard is not null)
        {
            var gate = app.Services.GetRequiredService<DashboardGate>();
            app.Use((context, next) => gate.InvokeAsync(context, next));
            dashboard(DashboardGate.Root);
        }

        app.MapControlHealth();
        app.MapOpenApi();
        TenantEndpoints.Map(app);
        ProjectEndpoints.Map(app);
        TokenEndpoints.Map(app);
        CredentialEndpoints.Map(app);
    }

    /// <summary>Maps health and the page that says what is where.</summary>
    public static void MapControlHealth(this WebApplication app)
    {
        var limits = app.Services.GetRequiredService<ControlLimits>();
        app.Use((context, next) =>
            limits.Anonymous(context) is { } problem ? problem.ExecuteAsync(context) : next(context));
        HealthEndpoints.Map(app);
        FrontPage.Map(app);
    }

    /// <summary>Maps a sentence where the dashboard would be: who cannot check a macaroon does not show it.</summary>
    public static void MapNoDashboard(this WebApplication app) => app.Map(
        DashboardGate.Root + "/{**page}",
        () => Problem.NotFound("The dashboard is on the control ports of the processes with the role control."));

    /// <summary>The keys under which macaroons are minted and checked.</summary>
    public static MacaroonKeys MacaroonMasters(ClusterKeys keys)
    {
        var masters = new Dictionary<uint, byte[]>();
        foreach (var id in keys.MacaroonMasters.Ids)
        {
            if (keys.MacaroonMasters.TryGet(id, out var key)) masters.Add(id, key.Bytes.ToArray());
        }

        return new MacaroonKeys(masters, keys.MacaroonMasters.ActiveId);
    }
}

/// <summary>Checks <see cref="ControlPlaneOptions"/>.</summary>
[OptionsValidator]
internal sealed partial class ControlPlaneOptionsValidator : IValidateOptions<ControlPlaneOptions>;
