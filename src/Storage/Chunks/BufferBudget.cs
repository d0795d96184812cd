using System.Numerics;
using System.Runtime.CompilerServices;

namespace Vault.Storage.Chunks;

/// <summary>
/// The process's memory for chunk buffers (decisions §4.3): a body waits here until its next buffer fits, first come
/// first served, so memory does not depend on the number of clients. Buffers are unmanaged, in power-of-two sizes, and
/// idle ones of a wrong size are freed before anyone waits.
/// </summary>
public sealed class BufferBudget : IDisposable
{
    /// <summary>Room beside a power of two, so that a chunk of that many bytes fits with its nonce and tag.</summary>
    private const int Slack = 4096;

    private const int SmallestClass = 13;
    private const int Classes = 14;

    private readonly Lock _gate = new();
    private readonly Stack<ChunkBuffer>[] _idle = new Stack<ChunkBuffer>[Classes];
    private readonly LinkedList<Waiter> _waiters = new();
    private readonly long _limit;
    private long _used;
    private long _kept;
    private bool _disposed;

    /// <summary>A budget of <paramref name="limitBytes"/>; a single request beyond it is refused.</summary>
    public BufferBudget(long limitBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limitBytes, 1 << 20);
        _limit = limitBytes;
        for (var i = 0; i < _idle.Length; i++) _idle[i] = new Stack<ChunkBuffer>();
    }

    /// <summary>Bytes lent out now.</summary>
    public long UsedBytes => Interlocked.Read(ref _used);

    /// <summary>A buffer of at least <paramref name="bytes"/>, when there is room for it.</summary>
    public ValueTask<ChunkBuffer> RentAsync(int bytes, CancellationToken cancellationToken)
    {
        var size = ClassOf(bytes, out var index);
        if (size > _limit)
            throw new ArgumentOutOfRangeException(nameof(bytes), "A buffer cannot exceed the whole budget.");
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_waiters.Count == 0 && TryTake(size, index) is { } ready) return new(ready);
            var waiter = new Waiter(size, index);
            waiter.Node = _waiters.AddLast(waiter);
            waiter.Registration = cancellationToken.UnsafeRegister(static (state, token) =>
            {
                var (budget, cancelled) = ((BufferBudget, Waiter))state!;
                budget.Cancel(cancelled, token);
            }, (this, waiter));
            return new(waiter.Task);
        }
    }

    /// <summary>A buffer if one is free at once: for work that goes on without it.</summary>
    public ChunkBuffer? TryRent(int bytes)
    {
        var size = ClassOf(bytes, out var index);
        lock (_gate) return _disposed || _waiters.Count > 0 || size > _limit ? null : TryTake(size, index);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            FreeIdle(long.MaxValue);
        }
    }

    internal void Return(ChunkBuffer buffer)
    {
        lock (_gate)
        {
            _used -= buffer.Capacity;
            if (_disposed)
            {
                buffer.Free();
                return;
            }

            _kept += buffer.Capacity;
            _idle[buffer.Class].Push(buffer);
            while (_waiters.First is { } first && TryTake(first.Value.Size, first.Value.Class) is { } ready)
            {
                _waiters.RemoveFirst();
                first.Value.Registration.Unregister();
                if (!first.Value.TrySetResult(ready))
                {
                    _used -= ready.Capacity;
                    _kept += ready.Capacity;
                    _idle[ready.Class].Push(ready);
                }
            }
        }
    }

    private ChunkBuffer? TryTake(int size, int index)
    {
        if (_used + size > _limit) return null;
        if (_idle[index].TryPop(out var buffer))
        {
            _kept -= size;
        }
        else
        {
            if (_used + _kept + size > _limit) FreeIdle(_used + _kept + size - _limit);
            buffer = new ChunkBuffer(this, size, index);
        }

        _used += size;
        buffer.Lend();
        return buffer;
    }

    private void FreeIdle(long bytes)
    {
        for (var i = _idle.Length - 1; i >= 0; i--)
        {
            while (bytes > 0 && _idle[i].TryPop(out var buffer))
            {
                bytes -= buffer.Capacity;
                _kept -= buffer.Capacity;
                buffer.Free();
            }
        }
    }

    private void Cancel(Waiter waiter, CancellationToken token)
    {
        lock (_gate)
        {
            if (waiter.TrySetCanceled(token) && waiter.Node?.List is not null) _waiters.Remove(waiter.Node);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int ClassOf(int bytes, out int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytes);
        var whole = (uint)Math.Max(bytes - Slack, 1);
        var log = Math.Max(SmallestClass, BitOperations.Log2(2 * whole - 1));
        index = log - SmallestClass;
        return index >= Classes ? throw new ArgumentOutOfRangeException(nameof(bytes)) : (1 << log) + Slack;
    }

    private sealed class Waiter(int size, int index)
        : TaskCompletionSource<ChunkBuffer>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public int Size { get; } = size;

        public int Class { get; } = index;

        public LinkedListNode<Waiter>? Node { get; set; }

        public CancellationTokenRegistration Registration { get; set; }
    }
}
