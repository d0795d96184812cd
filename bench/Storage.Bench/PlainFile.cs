using System.Threading.Tasks.Sources;
using Microsoft.Win32.SafeHandles;
using Vault.Storage.Volumes;

namespace Vault.Storage.Bench;

/// <summary>
/// What a volume is measured against: records appended to one growing file by one thread, the waiting ones in one
/// gathered write of the base library and one <c>fdatasync</c>. No headers, checksums, index, limits or recovery.
/// </summary>
internal sealed class PlainFile : IDisposable
{
    private const int MostRecords = 1000;

    private readonly object _gate = new();
    private readonly Queue<Waiter> _pending = [];
    private readonly Waiter[] _group = new Waiter[MostRecords];
    private readonly List<ReadOnlyMemory<byte>> _pieces = [];
    private readonly SafeFileHandle _file;
    private readonly IVolumeFile _sync;
    private readonly Thread _thread;
    private readonly string _path;
    private bool _stopping;
    private long _end;

    public PlainFile(string path, IFileLayer files)
    {
        _path = path;
        _file = File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite);
        _sync = files.Open(path); // any descriptor of the file will do for that
        _thread = new Thread(Run) { IsBackground = true };
        _thread.Start();
    }

    public ValueTask<int> AppendAsync(Waiter waiter, ReadOnlyMemory<byte> record)
    {
        var task = waiter.Begin(record);
        lock (_gate)
        {
            _pending.Enqueue(waiter);
            if (_pending.Count == 1)
                Monitor.Pulse(_gate);
        }

        return task;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _stopping = true;
            Monitor.Pulse(_gate);
        }

        _thread.Join();
        _file.Dispose();
        _sync.Dispose();
        File.Delete(_path);
    }

    private void Run()
    {
        while (true)
        {
            var count = 0;
            _pieces.Clear();
            lock (_gate)
            {
                while (_pending.Count == 0 && !_stopping)
                    Monitor.Wait(_gate);
                if (_pending.Count == 0)
                    return;
                while (count < MostRecords && _pending.TryDequeue(out var waiter))
                {
                    _group[count++] = waiter;
                    _pieces.Add(waiter.Record);
                }
            }

            RandomAccess.Write(_file, _pieces, _end);
            _sync.Sync(SyncPoint.GroupCommit);
            for (var i = 0; i < count; i++)
            {
                _end += _pieces[i].Length;
                _group[i].Complete();
            }
        }
    }

    /// <summary>One appender's completion source, used again for each of its records.</summary>
    internal sealed class Waiter : IValueTaskSource<int>
    {
        private ManualResetValueTaskSourceCore<int> _core = new() { RunContinuationsAsynchronously = true };

        public ReadOnlyMemory<byte> Record { get; private set; }

        public ValueTask<int> Begin(ReadOnlyMemory<byte> record)
        {
            Record = record;
            return new ValueTask<int>(this, _core.Version);
        }

        public void Complete() => _core.SetResult(Record.Length);

        public int GetResult(short token)
        {
            var result = _core.GetResult(token);
            _core.Reset();
            return result;
        }

        public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

        public void OnCompleted(
            Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            _core.OnCompleted(continuation, state, token, flags);
    }
}
