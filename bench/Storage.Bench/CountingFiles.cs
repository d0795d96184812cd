using Vault.Storage.Volumes;

namespace Vault.Storage.Bench;

/// <summary>The operating system's files, counting group commits.</summary>
internal sealed class CountingFiles : IFileLayer
{
    private readonly LinuxFileLayer _real = new();
    private long _syncs;

    public long Syncs => Volatile.Read(ref _syncs);

    public bool CreateDirectory(string path) => _real.CreateDirectory(path);

    public IDisposable Lock(string path) => _real.Lock(path);

    public IReadOnlyList<string> List(string directory) => _real.List(directory);

    public IVolumeFile Create(string path) => new Counting(this, _real.Create(path));

    public IVolumeFile Open(string path) => new Counting(this, _real.Open(path));

    public bool Exists(string path) => _real.Exists(path);

    public void Rename(string path, string newPath) => _real.Rename(path, newPath);

    public void Delete(string path) => _real.Delete(path);

    public void SyncDirectory(string path, SyncPoint point) => _real.SyncDirectory(path, point);

    public long FreeBytes(string directory) => _real.FreeBytes(directory);

    private sealed class Counting(CountingFiles files, IVolumeFile real) : IVolumeFile
    {
        public long Length => real.Length;

        public int Read(Span<byte> buffer, long offset) => real.Read(buffer, offset);

        public bool TryReadCached(Span<byte> buffer, long offset, out int read) =>
            real.TryReadCached(buffer, offset, out read);

        public void Write(ReadOnlySpan<byte> buffer, long offset) => real.Write(buffer, offset);

        public void Write(ReadOnlySpan<ReadOnlyMemory<byte>> buffers, long offset) => real.Write(buffers, offset);

        public void Allocate(long bytes) => real.Allocate(bytes);

        public void SetLength(long bytes) => real.SetLength(bytes);

        public void Sync(SyncPoint point)
        {
            real.Sync(point);
            if (point == SyncPoint.GroupCommit)
                Interlocked.Increment(ref files._syncs);
        }

        public void Dispose() => real.Dispose();
    }
}
