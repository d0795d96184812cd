using Vault.Storage.Volumes;

namespace Vault.Storage.Tests.Volumes.PowerCut;

/// <summary>
/// A disk in memory that at a power cut keeps any subset of unsynced blocks and loses any subset of unsynced sizes,
/// names and renames. It stops at a chosen operation; everything after that throws until it is started again.
/// </summary>
internal sealed class PowerCutDisk(Random random) : IFileLayer
{
    private readonly Dictionary<string, FakeInode> _names = [];
    private readonly HashSet<string> _directories = ["/"];
    private readonly List<(string Directory, string What, Action<World> Apply)> _unsyncedNames = [];
    private readonly HashSet<string> _locks = [];
    private World _durable = new([], ["/"]);
    private int _left = int.MaxValue, _syncsLeft;
    private SyncPoint? _stopAtSync;

    private sealed record World(Dictionary<string, FakeInode> Names, HashSet<string> Directories);

    /// <summary>A kind of sync that does nothing, to see that its absence is found.</summary>
    public SyncPoint? Ignored { get; init; }

    public bool Stopped { get; private set; }

    /// <summary>Stops at the n-th operation from now that changes something.</summary>
    public void StopAfter(int operations) => _left = operations;

    /// <summary>Stops in place of the n-th sync of one kind from now.</summary>
    public void StopAtSync(SyncPoint point, int occurrence) => (_stopAtSync, _syncsLeft) = (point, occurrence);

    /// <summary>Only the process ended: what it wrote is in the operating system's cache.</summary>
    public void RestartProcess()
    {
        _locks.Clear();
        (_left, _stopAtSync, Stopped) = (int.MaxValue, null, false);
    }

    public void CutPower()
    {
        var keep = random.Next(4) switch { 0 => 0, 1 => 1, 2 => 0.5, _ => random.NextDouble() };
        foreach (var (_, _, apply) in _unsyncedNames)
        {
            if (random.NextDouble() < keep)
                apply(_durable);
        }

        _unsyncedNames.Clear();
        _names.Clear();
        _directories.Clear();
        _directories.UnionWith(_durable.Directories);
        foreach (var (path, inode) in _durable.Names.Where(name => _directories.Contains(
            Path.GetDirectoryName(name.Key)!)).ToList())
        {
            inode.CutPower(random, keep);
            _names[path] = inode;
        }

        _durable = new(new(_names), [.. _directories]);
        RestartProcess();
    }

    /// <summary>Changes a bit at rest, as a decaying disk does.</summary>
    public void Rot(string path, int offset)
    {
        Span<byte> one = stackalloc byte[1];
        _names[path].Read(one, offset);
        one[0] ^= 0x10;
        _names[path].Write(one, offset);
        _names[path].Sync();
    }

    public bool CreateDirectory(string path)
    {
        if (_directories.Contains(path))
            return false;
        Change();
        _directories.Add(path);
        Later(Path.GetDirectoryName(path)!, "mkdir", world => world.Directories.Add(path));
        return true;
    }

    public IDisposable Lock(string path) =>
        _locks.Add(path) ? new Unlock(() => _locks.Remove(path)) : throw new VolumeLockedException(path);

    public IReadOnlyList<string> List(string directory) =>
        [.. _names.Keys.Where(name => Path.GetDirectoryName(name) == directory).Select(Path.GetFileName)!];

    public IVolumeFile Create(string path)
    {
        Change();
        var inode = new FakeInode();
        _names[path] = inode;
        Later(Path.GetDirectoryName(path)!, "create", world => world.Names[path] = inode);
        return new Handle(this, inode);
    }

    public IVolumeFile Open(string path) =>
        new Handle(this, _names.TryGetValue(path, out var inode) ? inode : throw new FileNotFoundException(path));

    public bool Exists(string path) => _names.ContainsKey(path);

    public void Rename(string path, string newPath)
    {
        Change();
        var inode = _names[path];
        _names.Remove(path);
        _names[newPath] = inode;
        Later(Path.GetDirectoryName(path)!, "rename", world =>
        {
            world.Names.Remove(path);
            world.Names[newPath] = inode;
        });
    }

    public void Delete(string path)
    {
        Change();
        _names.Remove(path);
        Later(Path.GetDirectoryName(path)!, "delete", world => world.Names.Remove(path));
    }

    public void SyncDirectory(string path, SyncPoint point)
    {
        ChangeBySync(point);
        if (point == Ignored)
            return;
        foreach (var (_, _, apply) in _unsyncedNames.Where(name => name.Directory == path))
            apply(_durable);
        _unsyncedNames.RemoveAll(name => name.Directory == path);
    }

    public long FreeBytes(string directory) => 1L << 40;

    private void Later(string directory, string what, Action<World> apply) =>
        _unsyncedNames.Add((directory, what, apply));

    /// <summary>Counts an operation down; throws in its place when the end has come.</summary>
    private void Change()
    {
        if (Stopped || --_left < 0)
        {
            Stopped = true;
            throw new PowerCutException();
        }
    }

    private void ChangeBySync(SyncPoint point)
    {
        if (point == _stopAtSync && --_syncsLeft == 0)
            _left = 0;
        Change();
    }

    private sealed class Unlock(Action release) : IDisposable
    {
        public void Dispose() => release();
    }

    private sealed class Handle(PowerCutDisk disk, FakeInode inode) : IVolumeFile
    {
        public long Length => inode.Size;

        public int Read(Span<byte> buffer, long offset) => inode.Read(buffer, offset);

        public bool TryReadCached(Span<byte> buffer, long offset, out int read)
        {
            read = inode.Read(buffer, offset);
            return read == buffer.Length;
        }

        public void Write(ReadOnlySpan<byte> buffer, long offset)
        {
            var wasStopped = disk.Stopped;
            try
            {
                disk.Change();
            }
            catch (PowerCutException) when (!wasStopped)
            {
                // A write that was under way got some of its bytes as far as the cache.
                inode.Write(buffer[..disk.Choose(buffer.Length + 1)], offset);
                throw;
            }

            inode.Write(buffer, offset);
        }

        public void Write(ReadOnlySpan<ReadOnlyMemory<byte>> buffers, long offset)
        {
            var whole = new byte[buffers.ToArray().Sum(static buffer => buffer.Length)];
            var at = 0;
            foreach (var buffer in buffers)
            {
                buffer.Span.CopyTo(whole.AsSpan(at));
                at += buffer.Length;
            }

            Write(whole, offset);
        }

        public void Allocate(long bytes) => SetLength(bytes);

        public void SetLength(long bytes)
        {
            disk.Change();
            inode.Resize((int)bytes);
        }

        public void Sync(SyncPoint point)
        {
            disk.ChangeBySync(point);
            if (point != disk.Ignored)
                inode.Sync();
        }

        public void Dispose()
        {
        }
    }

    private int Choose(int below) => random.Next(below);
}
