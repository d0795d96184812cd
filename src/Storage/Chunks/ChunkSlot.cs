using System.Threading.Tasks.Sources;
using Vault.Protocol.Encryption;
using Vault.Protocol.Ids;
using Vault.Protocol.Manifests;
using Vault.Storage.Shards;
using Vault.Storage.Volumes;

namespace Vault.Storage.Chunks;

/// <summary>
/// One place in a writer's window: encrypts, hashes and appends a chunk on the thread pool; used again and again.
/// </summary>
internal sealed class ChunkSlot : IThreadPoolWorkItem, IValueTaskSource<ShardLocation>
{
    private readonly ShardClient _shards;
    private readonly ChunkCipher _cipher;
    private readonly ObjectId _objectId;
    private readonly Action _appended;
    private ManualResetValueTaskSourceCore<ShardLocation> _done;
    private ValueTask<ShardReceipt> _append;
    private ChunkBuffer? _buffer;
    private int _length;
    private uint _index;
    private bool _final;
    private Cid _cid;

    public ChunkSlot(ShardClient shards, ChunkCipher cipher, ObjectId objectId)
    {
        (_shards, _cipher, _objectId, _appended) = (shards, cipher, objectId, OnAppended);
        _done.RunContinuationsAsynchronously = true;
    }

    public bool Busy { get; private set; }

    /// <summary>
    /// Takes the buffer over; <paramref name="inline"/> works on the caller's thread up to the append.
    /// </summary>
    public void Start(ChunkBuffer buffer, int length, uint index, bool final, bool inline)
    {
        (_buffer, _length, _index, _final, Busy) = (buffer, length + ChunkCipher.Overhead, index, final, true);
        _done.Reset();
        if (inline) Execute();
        else ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    public ValueTask<ShardLocation> WaitAsync()
    {
        Busy = false;
        return new(this, _done.Version);
    }

    public void Execute()
    {
        try
        {
            var payload = _buffer!.Memory[.._length];
            _cipher.EncryptInPlace(payload.Span, _index, _final);
            _cid = Cid.Compute(payload.Span);
#pragma warning disable CA2012 // consumed exactly once, in OnAppended
            _append = _shards.StoreAsync(new ShardHeader(_cid, _objectId, _index, 0), payload);
#pragma warning restore CA2012
            var awaiter = _append.GetAwaiter();
            if (awaiter.IsCompleted) OnAppended();
            else awaiter.UnsafeOnCompleted(_appended);
        }
        catch (Exception e)
        {
            Fail(e);
        }
    }

    ShardLocation IValueTaskSource<ShardLocation>.GetResult(short token) => _done.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<ShardLocation>.GetStatus(short token) => _done.GetStatus(token);

    void IValueTaskSource<ShardLocation>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _done.OnCompleted(continuation, state, token, flags);

    private void OnAppended()
    {
        ShardReceipt receipt;
        try
        {
            receipt = _append.GetAwaiter().GetResult();
        }
        catch (Exception e)
        {
            Fail(e);
            return;
        }

        _buffer!.Return();
        _done.SetResult(new ShardLocation(_cid, receipt.VolumeNumber, receipt.Sequence));
    }

    private void Fail(Exception e)
    {
        _buffer!.Return();
        _done.SetException(e);
    }
}
