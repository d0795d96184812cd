using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.Options;
using Vault.ControlPlane;
using Vault.ControlPlane.Health;
using Vault.ControlPlane.Http;
using Vault.S3Gateway;
using Vault.Silo.Engine;
using Vault.Silo.Telemetry;
using Vault.Storage.Shards;

namespace Vault.Silo.Serve;

/// <summary>Composes the process: database, volume, grains, S3 port, control port. The only composition root.</summary>
internal static class VaultHost
{
    /// <summary>The settings, or every mistake in them at once.</summary>
    public static ServeOptions Validate(IConfiguration settings)
    {
        SettingsCheck.RequireForms(settings);
        var options = settings.GetSection("Vault").Get<ServeOptions>() ?? new ServeOptions();
        var result = new ServeOptionsValidator().Validate(null, options);
        return result.Failed
            ? throw new OptionsValidationException("Vault", typeof(ServeOptions), result.Failures)
            : options;
    }

    public static async Task<WebApplication> BuildAsync(
        ConfigurationManager settings, CancellationToken cancellationToken)
    {
        var options = Validate(settings);
        var roles = options.RoleSet;
        if (DataDirectory.ReadClusterId(options.DataDirectory) is null) Listeners.RequireFree(options);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Configuration.AddConfiguration(settings);
        builder.Logging.AddConfiguration(settings.GetSection("Logging"))
            .AddFilter("Microsoft", LogLevel.Warning)
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical)

            // Orleans tells its settings, each step of its start and advice on garbage collection at these levels.
            .AddFilter("Orleans", LogLevel.Warning)
            .AddFilter("Orleans.Runtime.Scheduler.WorkItemGroup", LogLevel.Error)
            .AddFilter("Orleans.Runtime.Silo", LogLevel.Error)
            .AddFilter("Orleans.Runtime.Watchdog", LogLevel.Error)

            // Each attempt of what Orleans repeats by itself, with a stack trace; what fails in the end fails its call.
            .AddFilter("Polly", LogLevel.Error)

            // Enabled at any level it makes an activity for every request; the front ends log and measure requests
            // themselves.
            .AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None)
            .AddJsonLines();

        var listeners = new Listeners(options);
        builder.WebHost.UseKestrelCore()
            .UseKestrelHttpsConfiguration()
            .ConfigureKestrel(listeners.Configure)
            .UseSockets(static sockets =>
            {
                // Requests run on the thread that read them, and a read takes its memory at once: two hand-overs
                // between threads and one system call less for each request. Nothing here blocks.
                sockets.UnsafePreferInlineScheduling = true;
                sockets.WaitForDataBeforeAllocatingBuffer = false;
            });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.DrainTime);
        builder.Services.AddSingleton(TimeProvider.System)
            .AddSingleton(options)
            .AddSingleton(listeners)
            .AddSingleton<Draining>()
            .AddSingleton<IHostLifetime, DrainLifetime>();
        await HostParts.AddAsync(builder, options, settings, cancellationToken);
        builder.Services.AddSingleton<IReadiness, ProcessReadiness>();
        builder.Services.AddVaultTelemetry(settings);
        var app = builder.Build();
        if (!options.IsAlone() && roles.HasFlag(Roles.Node)) app.UseNodePort(options.NodePort);
        if (roles.HasFlag(Roles.S3)) app.UseS3Port(listeners);
        var control = app.Services.GetRequiredService<ControlErrors>();
        app.Use(next => context => control.InvokeAsync(context, next));
        app.UseRouting();
        if (roles.HasFlag(Roles.Control)) app.MapControlPlane(options.Dashboard ? app.MapEngineDashboard : null);
        else app.MapControlHealth();
        if (options.Dashboard && !roles.HasFlag(Roles.Control)) app.MapNoDashboard();
        app.MapMetrics();
        return app;
    }

    /// <summary>
    /// Starts, announces the endpoints, calls <paramref name="ready"/>, and runs until the process is told to stop.
    /// </summary>
    public static async Task RunAsync(
        WebApplication app, Func<WebApplication, CancellationToken, Task> ready, CancellationToken cancellationToken)
    {
        var data = app.Services.GetService<DataDirectory>();
        var listeners = app.Services.GetRequiredService<Listeners>();
        Listeners.RequireFree(app.Services.GetRequiredService<ServeOptions>());

        // All of them are made before any starts: a setting that one of them cannot take ends the start here, where
        // there is nothing to stop.
        _ = app.Services.GetServices<IHostedService>().Count();
        try
        {
            await app.StartAsync(cancellationToken);
            if (app.Services.GetRequiredService<ServeOptions>().RoleSet.HasFlag(Roles.S3))
                _ = app.Services.S3RequestDelegate();
            await RequireProductionReadyAsync(app.Services, cancellationToken);
            listeners.Resolve(app.Services.GetRequiredService<IServer>());
            data?.Announce(listeners.S3, listeners.S3Tls, listeners.Control);
            await ready(app, cancellationToken);
            await app.WaitForShutdownAsync(cancellationToken);
        }
        catch (Exception e)
        {
            // What started ends in order, before the database goes away under it: its complaints would hide the cause.
            await app.StopAsync(CancellationToken.None);

            // Told to stop before it had started.
            if (e is OperationCanceledException && app.Services.GetRequiredService<Draining>().HasBegun) return;
            throw;
        }
        finally
        {
            data?.Withdraw();
        }
    }

    private static async Task RequireProductionReadyAsync(
        IServiceProvider services, CancellationToken cancellationToken)
    {
        if (!services.GetRequiredService<IOptions<ControlPlaneOptions>>().Value.RequireProductionReady) return;
        var state = await services.GetRequiredService<IReadiness>().CheckAsync(cancellationToken);
        if (state.Warnings.Count > 0)
        {
            throw new SetupException(
                $"REQUIRE_PRODUCTION_READY is set, and this still stands: {string.Join(", ", state.Warnings)}");
        }
    }

    /// <summary>Requests on the node port are the shard protocol and nothing else.</summary>
    private static void UseNodePort(this WebApplication app, int port)
    {
        var shards = app.Services.ShardRequestDelegate();
        app.Use(next => context => context.Connection.LocalPort == port ? shards(context) : next(context));
    }

    /// <summary>Requests on the S3 listeners never reach routing; the control port never serves S3.</summary>
    private static void UseS3Port(this WebApplication app, Listeners listeners)
    {
        RequestDelegate? s3 = null; // its parts hold grains, which a cluster's client knows once it is connected
        var draining = app.Services.GetRequiredService<Draining>();
        app.Use(next => context =>
        {
            if (context.Connection.LocalPort == listeners.ControlPort) return next(context);
            if (draining.HasBegun) context.Response.Headers.Connection = "close";
            return (s3 ??= app.Services.S3RequestDelegate())(context);
        });
    }
}
