using System.Text;
using Vault.ControlPlane;
using Vault.Grains;
using Vault.Protocol.Credentials;
using Vault.S3Gateway;
using Vault.Silo.Engine;
using Vault.Silo.Events;
using Vault.Silo.FirstStart;
using Vault.Silo.Keys;
using Vault.Silo.Nodes;
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
            database = options.IsAlone()
                ? await Databases.OpenAsync(options, TimeProvider.System, loggers, cancellationToken)
                : await Databases.OpenPatientlyAsync(
                    ct => Databases.OpenAsync(options, TimeProvider.System, loggers, ct), TimeProvider.System,
                    cancellationToken);
            await database.MigrateAsync(Databases.Modules, cancellationToken);
            services.AddSingleton(_ => database);
            data ??= await DatabaseIdentity.JoinAsync(database, options, cancellationToken);
        }

        IReadOnlyList<Volume> volumes = [];
        if (roles.HasFlag(Roles.Node))
        {
            data ??= new DataDirectory(options.DataDirectory);
            volumes = await Volumes.OpenAsync(options, settings, data, database, loggers, cancellationToken);
            foreach (var volume in volumes) services.AddSingleton(_ => volume);
        }

        if (data is not null) services.AddSingleton(data);
        if (database is not null)
            await DatabaseIdentity.RequireAsync(database, volumes, data!, options, cancellationToken);
        services.AddVaultEvents(options);
        if (options.IsAlone()) builder.AddLoneSilo(options);
        else if (roles.HasFlag(Roles.Silo)) builder.AddSilo(options);
        else builder.AddClusterClient(options);
        AddShards(services, options, volumes, data);
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

    private static void AddShards(
        IServiceCollection services, ServeOptions options, IReadOnlyList<Volume> volumes, DataDirectory? data)
    {
        if (options.IsAlone())
        {
            services.AddSingleton(new ShardClient(volumes));
            return;
        }

        if ((options.RoleSet & (Roles.Silo | Roles.Node | Roles.S3)) == 0) return;
        services.AddNodeMap(Encoding.UTF8.GetBytes(options.Secret()));
        services.AddSingleton(provider => new ShardClient(volumes, provider.GetRequiredService<ShardNetwork>()));
        if (!options.RoleSet.HasFlag(Roles.Node)) return;
        var identity = new NodeIdentity(
            NodeIdentity.ReadOrMake(data!.Path), options.HostName(), options.NodeEndpoint());
        services.AddNodeAgent(_ => identity);
    }

    private static ILoggerFactory StartLoggers(ConfigurationManager settings) => LoggerFactory.Create(log =>
        log.AddConfiguration(settings.GetSection("Logging"))
            .SetMinimumLevel(LogLevel.Warning)
            .AddJsonLines());
}
