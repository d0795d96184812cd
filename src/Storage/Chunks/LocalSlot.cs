using System.Threading.Tasks.Sources;
using Vault.Protocol.Encryption;
using Vault.Protocol.Ids;
using Vault.Protocol.Manifests;
using Vault.Storage.Shards;
using Vault.Storage.Volumes;

namespace Vault.Storage.Chunks;

/// <summary>Chunks of one shard on this process's volumes: nothing is allocated for each.</summary>
internal sealed class LocalSlot : ChunkSlot, IThreadPoolWorkItem, IValueTaskSource
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
    private ShardLocation _stored;

    public LocalSlot(ShardClient shards, ChunkCipher cipher, ObjectId objectId)
    {
        (_shards, _cipher, _objectId, _appended) = (shards, cipher, objectId, OnAppended);
        _done.RunContinuationsAsynchronously = true;
    }

    public override void Start(ChunkBuffer buffer, int length, uint index, bool final, bool inline)
    {
        (_buffer, _length, _index, _final, Busy) = (buffer, length + ChunkCipher.Overhead, index, final, true);
        _done.Reset();
        if (inline) Execute();
        else ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    public override ValueTask WaitAsync()
    {
        Busy = false;
        return new(this, _done.Version);
    }

    public override void Take(List<ShardLocation> entries) => entries.Add(_stored);

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

    void IValueTaskSource.GetResult(short token) => _stored = _done.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _done.GetStatus(token);

    void IValueTaskSource.OnCompleted(
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
