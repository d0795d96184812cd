using Microsoft.Extensions.Options;
using Vault.Grains.Nodes;
using Vault.Sql;
using Vault.Storage.Volumes;

namespace Vault.Silo.Serve;

/// <summary>Opens the volumes of this process; of one in a cluster, each has a number that no other has.</summary>
internal static class Volumes
{
    public static async Task<IReadOnlyList<Volume>> OpenAsync(
        ServeOptions options, ConfigurationManager settings, DataDirectory data, Database? database,
        ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var paths = options.VolumePaths();
        var opened = new List<Volume>();
        try
        {
            for (var i = 0; i < Math.Max(1, paths.Length); i++)
            {
                var volume = settings.GetSection("Volume").Get<VolumeOptions>() ?? new VolumeOptions();
                if (paths.Length > 0) volume.Path = paths[i];
                else if (volume.Path.Length == 0) volume.Path = data.VolumePath;
                if (!options.IsAlone())
                    volume.Number = await NumberAsync(volume, paths.Length, database, cancellationToken);
                opened.Add(await OpenAsync(volume, loggers, cancellationToken));
            }

            return opened;
        }
        catch
        {
            foreach (var volume in opened) await volume.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// The number of the volume in the directory, so that a disk keeps its number wherever it is mounted; where there
    /// is none yet, a new one from the database, or the one that is set.
    /// </summary>
    private static async Task<uint> NumberAsync(
        VolumeOptions options, int count, Database? database, CancellationToken cancellationToken)
    {
        if (database is null)
        {
            return options.Number > 1 && count <= 1
                ? options.Number
                : throw new SetupException(
                    "Volume:Number is missing: a node without the role 'silo' has one volume, and its number, above 1, "
                    + "must be no other's");
        }

        return Volume.NumberOf(options.Path) switch
        {
            null => await VolumeNumbers.TakeAsync(database, cancellationToken),
            1 => throw new SetupException(
                $"'{options.Path}' holds the volume of a process that ran by itself; it cannot join a cluster"),
            { } number => number,
        };
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

    private static async Task<Volume> OpenAsync(
        VolumeOptions options, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var result = new VolumeOptionsValidator().Validate(null, options);
        if (!Directory.Exists(options.Path)) RequireRoom(options);
        if (result.Failed) throw new OptionsValidationException("Volume", typeof(VolumeOptions), result.Failures);
        return await Volume.OpenAsync(options, null, TimeProvider.System, loggers, null, cancellationToken);
    }
}
