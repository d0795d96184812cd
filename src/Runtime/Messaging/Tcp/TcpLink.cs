using System.Buffers;
using System.IO.Pipelines;

namespace Vault.Runtime.Messaging.Tcp;

/// <summary>
/// One connection. A thread of its own reads it and hands frames on. What is sent gathers in a queue that one thread at
/// a time writes: the sender when nothing else is under way, the reading thread after the frames that came together, or
/// else the thread pool behind the work that is queued there.
/// </summary>
internal sealed class TcpLink : Link, IThreadPoolWorkItem
{
    private static readonly byte[] s_closing = [1];

    [ThreadStatic]
    private static TcpLink? t_reading;
    private readonly TcpTransport _transport;
    private readonly Lock _gate = new();
    private readonly SendQueue _queue = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _established = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Wire? _wire;
    private Wire? _unproven;
    private bool _writing;
    private bool _readToEnd;
    private bool _closed;
    private bool _proven;
    private bool _takesRequests = true;
    private bool _endsWriting;
    private long _handedOver;
    private TaskCompletionSource? _room;
    private long _lastSent;
    private long _lastReceived;
    private SiloAddress? _address;

    public TcpLink(TcpTransport transport, SiloAddress? address, bool dialled)
    {
        _transport = transport;
        _address = address;
        IsDialled = dialled;
        _lastSent = _lastReceived = transport.Time.GetTimestamp();
    }

    /// <summary>Whether this side connected.</summary>
    public bool IsDialled { get; }

    public override SiloAddress Address => _address ?? SiloAddress.Zero;

    /// <summary>The process that must be at the other end, or is.</summary>
    public SiloAddress? KnownAddress => _address;

    /// <summary>When the other side has proven itself, or the link has ended without.</summary>
    public Task Established => _established.Task;

    public bool WasEstablished { get; private set; }

    public override long HandedOver => Volatile.Read(ref _handedOver);

    public override bool HasRoom => QueuedBytes < _transport.Options.SendQueueBytes || _closed;

    /// <summary>Bytes that wait for the socket.</summary>
    public int QueuedBytes => _queue.Count;

    /// <summary>When it has ended, and everybody who had to know does.</summary>
    public Task Ended => _ended.Task;

    public bool IsUp => _wire is not null && !_closed && _takesRequests;

    public override bool TrySend(ReadOnlySpan<byte> frame, ref long position)
    {
        bool write;
        lock (_gate)
        {
            if (_closed || _endsWriting || (IsDialled && !_takesRequests))
            {
                return false;
            }

            position = _queue.Added;
            _queue.Add(frame);
            write = _wire is not null && !_writing && !ReferenceEquals(t_reading, this);
            _writing |= write;
        }

        if (write)
        {
            if (OpenCalls <= 1)
            {
                Write();
            }
            else
            {
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
            }
        }

        return true;
    }

    public override Task WaitForRoomAsync(CancellationToken ct)
    {
        lock (_gate)
        {
            return HasRoom || _closed
                ? Task.CompletedTask
                : (_room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task
                    .WaitAsync(ct);
        }
    }

    public override void CallEnded()
    {
        base.CallEnded();
        if (_readToEnd)
        {
            lock (_gate)
            {
                CheckAnswered();
            }
        }
    }

    /// <summary>The other side sends no more: until all that it asked for is answered and has left.</summary>
    public Task AnswerAllAsync()
    {
        lock (_gate)
        {
            _readToEnd = true;
            Interlocked.MemoryBarrier(); // whoever ends a call after this count sees it
            CheckAnswered();
        }

        return _answered.Task.WaitAsync(_transport.Options.CloseTimeout, _transport.Time);
    }

    void IThreadPoolWorkItem.Execute() => Write();

    /// <summary>The connection is up and proven: what waited leaves.</summary>
    public void Establish(Wire wire, SiloAddress address)
    {
        lock (_gate)
        {
            _address = address;
            _wire = wire;
            _lastSent = _lastReceived = _transport.Time.GetTimestamp();
            WasEstablished = true;
            _writing = true;
        }

        Write();
        _established.TrySetResult();
    }

    /// <summary>The connection is up, but nobody has proven anything.</summary>
    public void Adopt(Wire wire)
    {
        _unproven = wire;
        if (_closed)
        {
            wire.Interrupt();
        }
    }

    /// <summary>Reads until the connection ends.</summary>
    public void Read(ITransportUser user)
    {
        var reader = PipeReader.Create(_wire!, new StreamPipeReaderOptions(bufferSize: 64 << 10, leaveOpen: true));
        try
        {
            t_reading = this;
            while (true)
            {
                var reading = reader.ReadAsync();
                var read = reading.IsCompleted ? reading.Result : reading.AsTask().GetAwaiter().GetResult();
                var buffer = read.Buffer;
                var length = buffer.Length;
                _lastReceived = _transport.Time.GetTimestamp();
                while (FrameReader.TryRead(ref buffer, _transport.Options.MaxFrameBytes, out var frame))
                {
                    Receive(user, frame);
                }

                _transport.Instruments.Received(length - buffer.Length);
                reader.AdvanceTo(buffer.Start, buffer.End);
                WriteAfterBatch();
                if (read.IsCompleted)
                {
                    return;
                }

                if (!IsDialled && !HasRoom)
                {
                    // it takes no answers, so no more of its requests are taken
                    WaitForRoomAsync(CancellationToken.None).GetAwaiter().GetResult();
                }
            }
        }
        finally
        {
            t_reading = null;
            reader.Complete();
        }
    }

    /// <summary>Whoever connected has proven itself; false when that came too late.</summary>
    public bool TryProve()
    {
        lock (_gate)
        {
            _proven = !_closed;
            return _proven;
        }
    }

    /// <summary>
    /// Says that no further requests are taken here, and ends once those that came are answered; at once where none
    /// may come.
    /// </summary>
    public void CloseInOrder()
    {
        bool ends;
        lock (_gate)
        {
            ends = IsDialled || !_proven;
            _closed |= ends;
        }

        if (ends)
        {
            Close();
        }
        else
        {
            TrySend(s_closing);
        }
    }

    /// <summary>Ends it; whoever reads or writes notices.</summary>
    public void Close()
    {
        TaskCompletionSource? room;
        lock (_gate)
        {
            _closed = true;
            (room, _room) = (_room, null);
            CheckAnswered();
        }

        room?.TrySetResult();
        _unproven?.Interrupt();
    }

    public void End()
    {
        Close();
        _unproven?.Dispose();
        _established.TrySetResult();
        _ended.TrySetResult();
    }

    /// <summary>Sends a heartbeat after silence, and gives up on a peer that was silent for too long.</summary>
    public void Beat(long now)
    {
        if (_wire is null || _closed)
        {
            return;
        }

        var time = _transport.Time;
        if (!_readToEnd && time.GetElapsedTime(Volatile.Read(ref _lastReceived), now) > _transport.Options.PeerTimeout)
        {
            _transport.Silent(this);
            Close();
        }
        else if (time.GetElapsedTime(Volatile.Read(ref _lastSent), now) >= _transport.Options.HeartbeatInterval)
        {
            TrySend([]); // a frame without content says only that the sender is alive
        }
    }

    private void Receive(ITransportUser user, in ReadOnlySequence<byte> frame)
    {
        if (frame.Length < 2)
        {
            if (frame.Length == 1 && frame.FirstSpan[0] == s_closing[0])
            {
                StopRequests();
            }

            return;
        }

        if (frame.IsSingleSegment)
        {
            user.Receive(this, frame.FirstSpan);
            return;
        }

        var length = (int)frame.Length;
        var bytes = ArrayPool<byte>.Shared.Rent(length);
        frame.CopyTo(bytes);
        user.Receive(this, bytes.AsSpan(0, length));
        ArrayPool<byte>.Shared.Return(bytes);
    }

    /// <summary>The silo at the other end stops: it answers what it has, and gets nothing more.</summary>
    private void StopRequests()
    {
        _transport.Forget(this);
        lock (_gate)
        {
            _takesRequests = false;
            if (_writing)
            {
                _endsWriting = true;
                return;
            }

            _writing = _endsWriting = true;
        }

        Write();
    }

    private void WriteAfterBatch()
    {
        lock (_gate)
        {
            if (_writing || _queue.Count == 0)
            {
                return;
            }

            _writing = true;
        }

        Write();
    }

    private void Write()
    {
        try
        {
            while (TryTake(out var bytes))
            {
                var writing = _wire!.WriteAsync(bytes);
                if (!writing.IsCompletedSuccessfully)
                {
                    _ = GoOnWritingAsync(writing);
                    return;
                }
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            Close();
        }
    }

    private async Task GoOnWritingAsync(ValueTask writing)
    {
        try
        {
            await writing;
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            Close();
            return;
        }

        Write();
    }

    private bool TryTake(out ReadOnlyMemory<byte> bytes)
    {
        TaskCompletionSource? room = null;
        var endWriting = false;
        lock (_gate)
        {
            if (_closed || _queue.Count == 0)
            {
                bytes = default;
                _writing = false;
                endWriting = _endsWriting;
                CheckAnswered();
            }
            else
            {
                bytes = _queue.Take();
                _handedOver = _queue.Added;
                _transport.Instruments.Sent(bytes.Length);
                _lastSent = _transport.Time.GetTimestamp();
                (room, _room) = (_room, null);
            }
        }

        room?.TrySetResult();
        if (endWriting)
        {
            _wire!.EndWriting();
        }

        return bytes.Length > 0;
    }

    private void CheckAnswered()
    {
        if (_closed || (_readToEnd && !_writing && _queue.Count == 0 && OpenCalls == 0))
        {
            _answered.TrySetResult();
        }
    }
}
