using Vault.Storage.Volumes;

namespace Vault.Storage.Tests.Volumes;

/// <summary>The operating system's files, with failures where a test wants them.</summary>
internal sealed class FaultyFiles : IFileLayer
{
    private readonly LinuxFileLayer _real = new();

    /// <summary>Throws to make a sync fail.</summary>
    public Action<SyncPoint>? OnSync { get; set; }

    /// <summary>Throws to make a read fail.</summary>
    public Action<long>? OnRead { get; set; }

    public long? Free { get; set; }

    public List<SyncPoint> Syncs { get; } = [];

    public bool CreateDirectory(string path) => _real.CreateDirectory(path);

    public IDisposable Lock(string path) => _real.Lock(path);

    public IReadOnlyList<string> List(string directory) => _real.List(directory);

    public IVolumeFile Create(string path) => new Handle(this, _real.Create(path));

    public IVolumeFile Open(string path) => new Handle(this, _real.Open(path));

    public bool Exists(string path) => _real.Exists(path);

    public void Rename(string path, string newPath) => _real.Rename(path, newPath);

    public void Delete(string path) => _real.Delete(path);

    public void SyncDirectory(string path, SyncPoint point)
    {
        OnSync?.Invoke(point);
        _real.SyncDirectory(path, point);
    }

    public long FreeBytes(string directory) => Free ?? _real.FreeBytes(directory);

    private sealed class Handle(FaultyFiles files, IVolumeFile real) : IVolumeFile
    {
        public long Length => real.Length;

        public int Read(Span<byte> buffer, long offset)
        {
            files.OnRead?.Invoke(offset);
            return real.Read(buffer, offset);
        }

        public bool TryReadCached(Span<byte> buffer, long offset, out int read)
        {
            read = 0;
            return files.OnRead is null && real.TryReadCached(buffer, offset, out read);
        }

        public void Write(ReadOnlySpan<byte> buffer, long offset) => real.Write(buffer, offset);

        public void Write(ReadOnlySpan<ReadOnlyMemory<byte>> buffers, long offset) => real.Write(buffers, offset);

        public void Allocate(long bytes) => real.Allocate(bytes);

        public void SetLength(long bytes) => real.SetLength(bytes);

        public void Sync(SyncPoint point)
        {
            files.OnSync?.Invoke(point);
            lock (files.Syncs)
            {
                files.Syncs.Add(point);
            }

            real.Sync(point);
        }

        public void Dispose() => real.Dispose();
    }
}
