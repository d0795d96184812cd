using Microsoft.Extensions.Options;
using Vault.ControlPlane;
using Vault.Grains;
using Vault.Protocol.Credentials;
using Vault.S3Gateway;
using Vault.Silo.Engine;
using Vault.Silo.Events;
using Vault.Silo.FirstStart;
using Vault.Silo.Keys;
using Vault.Sql;
using Vault.Storage.Chunks;
using Vault.Storage.Shards;
using Vault.Storage.Volumes;

namespace Vault.Silo.Serve;

/// <summary>What each role adds to the process.</summary>
internal static class HostParts
{
    public static async Task AddAsync(
        WebApplicationBuilder builder, ServeOptions options, ConfigurationManager settings,
        CancellationToken cancellationToken)
    {
        var roles = options.RoleSet;
        var services = builder.Services;
        var loggers = StartLoggers(settings);
        Database? database = null;
        DataDirectory? data = null;
        ClusterKeys? keys = null;
        if (options.IsAlone())
        {
            data = new DataDirectory(options.DataDirectory);
            keys = options.ClusterKeysFile is { } named
                ? ClusterKeysFile.LoadNamed(named)
                : ClusterKeysFile.LoadOrCreate(options.ConfigDirectory, data.ClusterId, isNew: !data.HasVolume);
        }
        else if (options.ClusterKeysFile is { } file && (roles & (Roles.S3 | Roles.Control)) != 0)
        {
            keys = ClusterKeysFile.LoadNamed(file);
        }

        if (keys is not null) services.AddSingleton(keys);
        if (roles.HasFlag(Roles.Silo))
        {
            database = await Databases.OpenAsync(options, TimeProvider.System, loggers, cancellationToken);
            await database.MigrateAsync(Databases.Modules, cancellationToken);
            services.AddSingleton(_ => database);
            data ??= await DatabaseIdentity.JoinAsync(database, options, cancellationToken);
        }

        Volume? volume = null;
        if (roles.HasFlag(Roles.Node))
        {
            data ??= new DataDirectory(options.DataDirectory);
            volume = await OpenVolumeAsync(settings, data, loggers, cancellationToken);
            services.AddSingleton(_ => volume);
        }

        if (data is not null) services.AddSingleton(data);
        if (database is not null)
            await DatabaseIdentity.RequireAsync(database, volume, data!, options, cancellationToken);
        AddShards(services, options, volume);
        services.AddVaultEvents(options);
        AddEngine(builder, options);
        if (roles.HasFlag(Roles.Silo)) services.AddGrains();
        if (roles.HasFlag(Roles.S3))
        {
            services.AddSingleton(_ => new BufferBudget(options.ChunkBufferBytes))
                .AddSingleton<ChunkWriter>()
                .AddSingleton<ChunkReader>();
            services.AddS3Gateway();
        }

        if (roles.HasFlag(Roles.Control)) services.AddControlPlane();
        else services.AddControlHealth();
        if (options.IsAlone()) services.AddSingleton<OwnerSetup>();
    }

    private static void AddEngine(WebApplicationBuilder builder, ServeOptions options)
    {
        if (!options.IsAlone()) throw new SetupException("this version runs every role in one process");
        builder.AddVaultEngine();
    }

    private static void AddShards(IServiceCollection services, ServeOptions options, Volume? volume)
    {
        if (volume is null || !options.IsAlone())
            throw new SetupException("this version runs every role in one process");
        services.AddSingleton(new ShardClient([volume]));
    }

    private static ILoggerFactory StartLoggers(ConfigurationManager settings) => LoggerFactory.Create(log =>
        log.AddConfiguration(settings.GetSection("Logging"))
            .SetMinimumLevel(LogLevel.Warning)
            .AddJsonConsole().Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(
                console => console.LogToStandardErrorThreshold = LogLevel.Trace));

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
