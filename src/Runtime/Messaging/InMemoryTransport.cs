using System.Collections.Concurrent;

namespace Vault.Runtime.Messaging;

/// <summary>The wires between silos and clients of one process.</summary>
internal sealed class InMemoryNetwork
{
    private readonly ConcurrentDictionary<SiloAddress, Mailbox> _mailboxes = new();

    public void Open(SiloAddress address, Func<SiloAddress, Link> linkTo, ITransportUser user) =>
        _mailboxes[address] = new Mailbox(linkTo, user);

    public Task CloseAsync(SiloAddress address) =>
        _mailboxes.TryRemove(address, out var mailbox) ? mailbox.CloseAsync() : Task.CompletedTask;

    public void Abort(SiloAddress address)
    {
        if (_mailboxes.TryRemove(address, out var mailbox))
        {
            mailbox.Abort();
        }
    }

    public bool TrySend(SiloAddress from, SiloAddress to, ReadOnlySpan<byte> frame) =>
        _mailboxes.TryGetValue(to, out var mailbox) && mailbox.TryAdd(from, frame.ToArray());

    /// <summary>Delivers frames in order, on the thread pool.</summary>
    private sealed class Mailbox(Func<SiloAddress, Link> linkTo, ITransportUser user) : IThreadPoolWorkItem
    {
        private readonly Lock _gate = new();
        private readonly Queue<(SiloAddress From, byte[] Frame)> _frames = new();
        private bool _running;
        private bool _closed;
        private TaskCompletionSource? _empty;

        public bool TryAdd(SiloAddress from, byte[] frame)
        {
            lock (_gate)
            {
                if (_closed)
                {
                    return false;
                }

                _frames.Enqueue((from, frame));
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
                (SiloAddress From, byte[] Frame) next;
                lock (_gate)
                {
                    if (!_frames.TryDequeue(out next))
                    {
                        _running = false;
                        _empty?.TrySetResult();
                        return;
                    }
                }

                user.Receive(linkTo(next.From), next.Frame);
            }
        }
    }
}

/// <summary>One process's end of an <see cref="InMemoryNetwork"/>.</summary>
internal sealed class InMemoryTransport(InMemoryNetwork network, TimeProvider time) : ITransport
{
    /// <summary>How long a close waits for calls that have come and not ended.</summary>
    private static readonly TimeSpan s_closeTimeout = TimeSpan.FromSeconds(5);

    private readonly InMemoryNetwork _network = network;
    private readonly ConcurrentDictionary<SiloAddress, Link> _links = new();
    private readonly ConcurrentDictionary<SiloAddress, Link> _asked = new();
    private SiloAddress? _self;
    private TaskCompletionSource? _answered;
    private volatile bool _closing;

    public void Open(SiloAddress self, ITransportUser user)
    {
        (_self, _closing) = (self, false);
        _network.Open(self, from => _asked.GetOrAdd(from, NewLink), user);
    }

    public Link? Find(SiloAddress to) => _self is null || _closing ? null : _links.GetOrAdd(to, NewLink);

    public async Task CloseAsync()
    {
        if (_self is { } self)
        {
            _closing = true; // an answer to a further call would find nobody
            await _network.CloseAsync(self);
            var answered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Interlocked.Exchange(ref _answered, answered); // before the calls are counted
            CheckAnswered();
            try
            {
                await answered.Task.WaitAsync(s_closeTimeout, time);
            }
            catch (TimeoutException)
            {
                // a call that does not end gets no answer
            }

            (_self, _answered) = (null, null);
        }
    }

    public void Abort()
    {
        if (_self is { } self)
        {
            _self = null;
            _network.Abort(self);
        }
    }

    private InMemoryLink NewLink(SiloAddress to) => new(this, to);

    /// <summary>The outcome of a call that has ended may still be on its way to the caller.</summary>
    private void CheckAnswered()
    {
        if (Volatile.Read(ref _answered) is { } answered && _asked.Values.All(static l => l.OpenCalls == 0))
        {
            answered.TrySetResult();
        }
    }

    private sealed class InMemoryLink(InMemoryTransport transport, SiloAddress to) : Link
    {
        public override SiloAddress Address => to;

        public override bool TrySend(ReadOnlySpan<byte> frame, ref long position)
        {
            position = 0;
            return transport._self is { } self && transport._network.TrySend(self, to, frame);
        }

        public override void CallEnded()
        {
            base.CallEnded();
            transport.CheckAnswered();
        }
    }
}
