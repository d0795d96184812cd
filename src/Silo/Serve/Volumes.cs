using System.Globalization;
using Microsoft.Extensions.Options;
using Vault.Grains.Nodes;
using Vault.Silo.Keys;
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
                    volume.Number = await NumberAsync(data, volume, i, paths.Length, database, cancellationToken);
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
    /// The volume's number in the cluster, kept beside it: taken from the database once, or set where there is none.
    /// </summary>
    private static async Task<uint> NumberAsync(
        DataDirectory data, VolumeOptions options, int index, int count, Database? database,
        CancellationToken cancellationToken)
    {
        var name = count == 0 ? "volume_number" : $"volume_number.{index}";
        var file = Path.Combine(data.Path, name);
        if (File.Exists(file)) return uint.Parse(File.ReadAllText(file), CultureInfo.InvariantCulture);
        if (database is null)
        {
            return options.Number > 1 && count <= 1
                ? options.Number
                : throw new SetupException(
                    "Volume:Number is missing: a node without the role 'silo' has one volume, and its number, above 1, "
                    + "must be no other's");
        }

        var number = await VolumeNumbers.TakeAsync(database, cancellationToken);
        PrivateFile.Write(file, number.ToString(CultureInfo.InvariantCulture) + "\n");
        return number;
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
