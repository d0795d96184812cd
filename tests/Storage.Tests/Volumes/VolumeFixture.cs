using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Vault.Protocol.Ids;
using Vault.Storage.Volumes;

namespace Vault.Storage.Tests.Volumes;

/// <summary>A volume with small logs in a temporary directory, and what tests do with it.</summary>
internal sealed class VolumeFixture : IAsyncDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("vault-volume-").FullName;

    public VolumeFixture() => Options = new VolumeOptions
    {
        Path = Path.Combine(_root, "volume"),
        Number = 7,
        LogBytes = 256 << 10,
        ActiveMapBytes = 1 << 20,
        DatabaseReserveBytes = 0,
        MaintenanceInterval = TimeSpan.FromHours(1),
    };

    public VolumeOptions Options { get; }

    public IFileLayer Files { get; set; } = new LinuxFileLayer();

    public Volume Volume { get; private set; } = null!;

    public static async Task<VolumeFixture> OpenAsync(Action<VolumeOptions>? configure = null)
    {
        var fixture = new VolumeFixture();
        configure?.Invoke(fixture.Options);
        await fixture.StartAsync();
        return fixture;
    }

    public async Task<Volume> StartAsync() =>
        Volume = await Volume.OpenAsync(Options, Files, TimeProvider.System, NullLoggerFactory.Instance);

    /// <summary>Opens it again as after the end of the process: nothing is written before.</summary>
    public async Task<Volume> CrashAndStartAsync()
    {
        Volume.Release();
        return await StartAsync();
    }

    public async Task<Volume> RestartAsync()
    {
        await Volume.DisposeAsync();
        return await StartAsync();
    }

    public static byte[] Body(int seed, int length)
    {
        var body = new byte[length];
        new Random(seed).NextBytes(body);
        return body;
    }

    public async Task<(Cid Cid, ShardReceipt Receipt)> StoreAsync(byte[] body, ushort shard = 0)
    {
        var cid = Cid.Compute(body);
        var objectId = ObjectId.FromBytes(SHA256.HashData(body).AsSpan(0, 16));
        return (cid, await Volume.AppendAsync(new ShardHeader(cid, objectId, 3, shard), body));
    }

    public async Task<byte[]?> ReadAsync(Cid cid)
    {
        using var lease = await Volume.ReadAsync(cid);
        return lease?.Memory.ToArray();
    }

    public string[] FilesEnding(string suffix)
    {
        var files = Directory.GetFiles(Options.Path, "*" + suffix);
        Array.Sort(files, StringComparer.Ordinal);
        return files;
    }

    /// <summary>Changes one byte of a file.</summary>
    public static void Flip(string path, long offset)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        file.Position = offset;
        var value = file.ReadByte();
        file.Position = offset;
        file.WriteByte((byte)(value ^ 0x40));
    }

    /// <summary>Fills the log of a volume, so that what is in it is looked up in an index file from now on.</summary>
    public static async Task SealAsync(Volume volume)
    {
        for (var i = 0; i < 2; i++)
        {
            var fill = RandomNumberGenerator.GetBytes(volume.MaxBodyBytes);
            await volume.AppendAsync(new ShardHeader(Cid.Compute(fill), default, 0, 0), fill);
        }

        volume.SealClosed();
    }

    public async ValueTask DisposeAsync()
    {
        await Volume.DisposeAsync();
        Directory.Delete(_root, recursive: true);
    }
}
