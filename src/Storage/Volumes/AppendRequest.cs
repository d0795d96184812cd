using System.Collections.Concurrent;
using System.Threading.Tasks.Sources;

namespace Vault.Storage.Volumes;

/// <summary>One waiting append: a pooled completion source with the record's header and the caller's bytes.</summary>
internal sealed class AppendRequest : IValueTaskSource<ShardReceipt>
{
    private readonly ConcurrentQueue<AppendRequest> _pool;
    private ManualResetValueTaskSourceCore<ShardReceipt> _core = new() { RunContinuationsAsynchronously = true };

    private AppendRequest(ConcurrentQueue<AppendRequest> pool) => _pool = pool;

    public RecordHeader Header;

    public ReadOnlyMemory<byte> Body { get; private set; }

    public ValueTask<ShardReceipt> Task => new(this, _core.Version);

    /// <summary>Whether the reserve is closed to it.</summary>
    public bool Stores => Header.Type == RecordType.Shard;

    public static AppendRequest Rent(
        ConcurrentQueue<AppendRequest> pool, in RecordHeader header, ReadOnlyMemory<byte> body)
    {
        if (!pool.TryDequeue(out var request))
            request = new AppendRequest(pool);
        request.Header = header;
        request.Body = body;
        return request;
    }

    public void Complete(in ShardReceipt receipt)
    {
        Body = default;
        _core.SetResult(receipt);
    }

    public void Fail(Exception failure)
    {
        Body = default;
        _core.SetException(failure);
    }

    ShardReceipt IValueTaskSource<ShardReceipt>.GetResult(short token)
    {
        try
        {
            return _core.GetResult(token);
        }
        finally
        {
            _core.Reset();
            _pool.Enqueue(this);
        }
    }

    ValueTaskSourceStatus IValueTaskSource<ShardReceipt>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<ShardReceipt>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
