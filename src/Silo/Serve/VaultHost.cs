using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.Options;
using Vault.ControlPlane;
using Vault.ControlPlane.Health;
using Vault.ControlPlane.Http;
using Vault.Grains;
using Vault.S3Gateway;
using Vault.Silo.Engine;
using Vault.Silo.FirstStart;
using Vault.Silo.Keys;
using Vault.Silo.Telemetry;
using Vault.Storage.Chunks;
using Vault.Storage.Shards;
using Vault.Storage.Volumes;

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
        if (DataDirectory.ReadClusterId(options.DataDirectory) is null) Listeners.RequireFree(options);
        var data = new DataDirectory(options.DataDirectory);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Configuration.AddConfiguration(settings);
        builder.Logging.AddConfiguration(settings.GetSection("Logging"))
            .AddFilter("Microsoft", LogLevel.Warning)
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical)

            // Enabled at any level it makes an activity for every request; the front ends log and measure requests
            // themselves.
            .AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None)
            .AddJsonConsole(console => console.UseUtcTimestamp = true);
        builder.Logging.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(
            console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        var loggers = LoggerFactory.Create(log => log.AddConfiguration(settings.GetSection("Logging"))
            .SetMinimumLevel(LogLevel.Warning)
            .AddJsonConsole().Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(
                console => console.LogToStandardErrorThreshold = LogLevel.Trace));

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
            .AddSingleton(data)
            .AddSingleton(listeners);
        builder.Services.AddSingleton(
            ClusterKeysFile.LoadOrCreate(options.ConfigDirectory, data.ClusterId, isNew: !data.HasVolume));

        var database = await Databases.OpenAsync(options, TimeProvider.System, loggers, cancellationToken);
        await database.MigrateAsync(Databases.Modules, cancellationToken);
        builder.Services.AddSingleton(_ => database);
        var volume = await OpenVolumeAsync(settings, data, loggers, cancellationToken);
        await DatabaseIdentity.RequireAsync(database, volume, data, options, cancellationToken);
        builder.Services.AddSingleton(_ => volume).AddSingleton(new ShardClient([volume]));
        builder.Services.AddSingleton(_ => new BufferBudget(options.ChunkBufferBytes))
            .AddSingleton<ChunkWriter>()
            .AddSingleton<ChunkReader>();

        builder.AddVaultEngine();
        builder.Services.AddGrains();
        builder.Services.AddS3Gateway();
        builder.Services.AddControlPlane();
        builder.Services.AddSingleton<IReadiness, ProcessReadiness>().AddSingleton<OwnerSetup>();
        builder.Services.AddVaultTelemetry(settings);
        var app = builder.Build();
        app.UseS3Port(listeners);
        var control = app.Services.GetRequiredService<ControlErrors>();
        app.Use(next => context => control.InvokeAsync(context, next));
        app.UseRouting();
        app.MapControlPlane();
        app.MapMetrics();
        return app;
    }

    /// <summary>
    /// Starts, announces the endpoints, calls <paramref name="ready"/>, and runs until the process is told to stop.
    /// </summary>
    public static async Task RunAsync(
        WebApplication app, Func<WebApplication, CancellationToken, Task> ready, CancellationToken cancellationToken)
    {
        var data = app.Services.GetRequiredService<DataDirectory>();
        var listeners = app.Services.GetRequiredService<Listeners>();
        Listeners.RequireFree(app.Services.GetRequiredService<ServeOptions>());
        try
        {
            await app.StartAsync(cancellationToken);
            await RequireProductionReadyAsync(app.Services, cancellationToken);
            listeners.Resolve(app.Services.GetRequiredService<IServer>());
            data.Announce(listeners.S3, listeners.S3Tls, listeners.Control);
            await ready(app, cancellationToken);
            await app.WaitForShutdownAsync(cancellationToken);
        }
        catch
        {
            // What started ends in order, before the database goes away under it: its complaints would hide the cause.
            await app.StopAsync(CancellationToken.None);
            throw;
        }
        finally
        {
            data.Withdraw();
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

    /// <summary>A new volume that could not take a shard is refused before it takes the little room there is.</summary>
    private static void RequireRoom(VolumeOptions options)
    {
        var free = new DriveInfo(Path.GetDirectoryName(Path.GetFullPath(options.Path))!).AvailableFreeSpace;
        var needed = options.ReserveBytes + options.LogBytes;
        if (free < needed)
        {
            throw new SetupException(
                $"{free >> 20} MiB are free for '{options.Path}', and {needed >> 20} MiB are needed: make room, name "
                + "another directory with --data, "
                + "or set Volume:LogBytes and Volume:DatabaseReserveBytes lower");
        }
    }

    /// <summary>Requests on the S3 listeners never reach routing; the control port never serves S3.</summary>
    private static void UseS3Port(this WebApplication app, Listeners listeners)
    {
        var s3 = app.Services.S3RequestDelegate();
        app.Use(next => context => context.Connection.LocalPort == listeners.ControlPort ? next(context) : s3(context));
    }

    private static async Task<Volume> OpenVolumeAsync(
        ConfigurationManager settings, DataDirectory data, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var options = settings.GetSection("Volume").Get<VolumeOptions>() ?? new VolumeOptions();
        if (options.Path.Length == 0) options.Path = data.VolumePath;
        var result = new VolumeOptionsValidator().Validate(null, options);
        if (!data.HasVolume) RequireRoom(options);
        if (result.Failed) throw new OptionsValidationException("Volume", typeof(VolumeOptions), result.Failures);
        return await Volume.OpenAsync(options, null, TimeProvider.System, loggers, null, cancellationToken);
    }
}
