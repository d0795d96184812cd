using System.Collections.Concurrent;

namespace Vault.Runtime.Messaging;

/// <summary>The wires between silos and clients of one process.</summary>
internal sealed class InMemoryNetwork
{
    private readonly ConcurrentDictionary<SiloAddress, Mailbox> _mailboxes = new();

    public void Open(SiloAddress address, Action<ReadOnlyMemory<byte>> receive) =>
        _mailboxes[address] = new Mailbox(receive);

    public Task CloseAsync(SiloAddress address) =>
        _mailboxes.TryRemove(address, out var mailbox) ? mailbox.CloseAsync() : Task.CompletedTask;

    public void Abort(SiloAddress address)
    {
        if (_mailboxes.TryRemove(address, out var mailbox))
        {
            mailbox.Abort();
        }
    }

    public bool TrySend(SiloAddress to, ReadOnlyMemory<byte> frame) =>
        _mailboxes.TryGetValue(to, out var mailbox) && mailbox.TryAdd(frame);

    /// <summary>Delivers frames in order, on the thread pool.</summary>
    private sealed class Mailbox(Action<ReadOnlyMemory<byte>> receive) : IThreadPoolWorkItem
    {
        private readonly Lock _gate = new();
        private readonly Queue<ReadOnlyMemory<byte>> _frames = new();
        private bool _running;
        private bool _closed;
        private TaskCompletionSource? _empty;

        public bool TryAdd(ReadOnlyMemory<byte> frame)
        {
            lock (_gate)
            {
                if (_closed)
                {
                    return false;
                }

                _frames.Enqueue(frame);
                if (_running)
                {
                    return true;
                }

                _running = true;
            }

            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
            return true;
        }

        public Task CloseAsync()
        {
            lock (_gate)
            {
                _closed = true;
                return _running
                    ? (_empty ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task
                    : Task.CompletedTask;
            }
        }

        public void Abort()
        {
            lock (_gate)
            {
                _closed = true;
                _frames.Clear();
            }
        }

        public void Execute()
        {
            while (true)
            {
                ReadOnlyMemory<byte> frame;
                lock (_gate)
                {
                    if (!_frames.TryDequeue(out frame))
                    {
                        _running = false;
                        _empty?.TrySetResult();
                        return;
                    }
                }

                receive(frame);
            }
        }
    }
}

/// <summary>One process's end of an <see cref="InMemoryNetwork"/>.</summary>
internal sealed class InMemoryTransport(InMemoryNetwork network) : ITransport
{
    private SiloAddress? _self;

    public void Open(SiloAddress self, Action<ReadOnlyMemory<byte>> receive)
    {
        _self = self;
        network.Open(self, receive);
    }

    public bool TrySend(SiloAddress to, ReadOnlyMemory<byte> frame) => _self is not null && network.TrySend(to, frame);

    public async Task CloseAsync()
    {
        if (_self is { } self)
        {
            await network.CloseAsync(self);
            _self = null;
        }
    }

    public void Abort()
    {
        if (_self is { } self)
        {
            _self = null;
            network.Abort(self);
        }
    }
}
