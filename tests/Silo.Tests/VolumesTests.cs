using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Vault.Silo.Serve;
using Vault.Sql;
using Vault.Storage.Volumes;

namespace Vault.Silo.Tests;

/// <summary>Two volumes of a silo, whose disks are replaced or outlive the data directory.</summary>
public sealed class VolumesTests : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("vault-volumes-").FullName;
    private Database _database = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await Database.OpenSqliteAsync(
            new() { Path = Path.Combine(_directory, "state.db"), ReserveBytes = 0 }, TimeProvider.System);
        await _database.MigrateAsync(Databases.Modules, Token);
    }

    [Fact]
    public async Task A_disk_that_is_replaced_gets_a_new_number_and_the_others_keep_theirs()
    {
        var before = await OpenAsync("data", "d0", "d1");
        Assert.Equal([2u, 3u], before.Select(static v => v.Number));
        Assert.Equal(before, await OpenAsync("data", "d0", "d1"));
        Directory.Delete(Path.Combine(_directory, "d1"), recursive: true);

        var after = await OpenAsync("data", "d0", "d1");

        Assert.Equal(before[0], after[0]);
        Assert.Equal(4u, after[1].Number);
        Assert.NotEqual(before[1].Id, after[1].Id);
        Assert.Equal(after.Reverse(), await OpenAsync("data", "d1", "d0"));
    }

    [Fact]
    public async Task Disks_that_outlive_the_data_directory_keep_their_numbers()
    {
        var before = await OpenAsync("data", "d0", "d1");
        Assert.Equal(before, await OpenAsync("other", "d0", "d1"));
        File.Delete(Path.Combine(_directory, "d1", "MANIFEST"));
        Assert.Equal(before.Select(static v => v.Number), (await OpenAsync("other", "d0", "d1")).Select(v => v.Number));
        Assert.Null(Volume.NumberOf(Path.Combine(_directory, "d2")));
    }

    [Fact]
    public async Task The_volume_of_a_process_by_itself_joins_no_cluster()
    {
        await using (await Volume.OpenAsync(
            new()
            {
                Path = Path.Combine(_directory, "d0"), LogBytes = 1 << 20, DatabaseReserveBytes = 0,
            },
            null, TimeProvider.System, NullLoggerFactory.Instance, ct: Token))
        {
        }

        await Assert.ThrowsAsync<SetupException>(() => OpenAsync("data", "d0"));
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>Opens the volumes as a start does, and closes them again.</summary>
    private async Task<(uint Number, Guid Id)[]> OpenAsync(string data, params string[] disks)
    {
        var options = new ServeOptions
        {
            Roles = "silo,node", Volumes = string.Join(',', disks.Select(disk => Path.Combine(_directory, disk))),
        };
        using var settings = new ConfigurationManager();
        settings["Volume:LogBytes"] = $"{1 << 20}";
        settings["Volume:DatabaseReserveBytes"] = "0";
        var opened = await Serve.Volumes.OpenAsync(
            options, settings, new DataDirectory(Path.Combine(_directory, data)), _database,
            NullLoggerFactory.Instance, Token);
        foreach (var volume in opened) await volume.DisposeAsync();
        return [.. opened.Select(static volume => (volume.Number, volume.Id))];
    }
}
