namespace Vault.Runtime.Messaging;

/// <summary>A way to one other process: a connection, or a wire in memory.</summary>
internal abstract class Link
{
    private int _open;

    /// <summary>The process at the other end.</summary>
    public abstract SiloAddress Address { get; }

    /// <summary>
    /// How far frames have been given to the network: one at this place or behind it has certainly not left. It grows
    /// no more once the link is lost.
    /// </summary>
    public virtual long HandedOver => long.MaxValue;

    /// <summary>Whether a further request should be sent now, or wait for what is queued.</summary>
    public virtual bool HasRoom => true;

    /// <summary>Requests that have gone or come over this link and are not answered.</summary>
    public int OpenCalls => Volatile.Read(ref _open);

    /// <summary>
    /// Sends a frame, whose bytes are the caller's again when this returns; false when it certainly won't arrive. True
    /// promises nothing.
    /// </summary>
    /// <param name="frame">The frame.</param>
    /// <param name="position">Where it begins among all that is sent; set before anything leaves, and below
    /// <see cref="HandedOver"/> once it may have left.</param>
    public abstract bool TrySend(ReadOnlySpan<byte> frame, ref long position);

    /// <summary>Sends a frame, as above.</summary>
    public bool TrySend(ReadOnlySpan<byte> frame)
    {
        var position = 0L;
        return TrySend(frame, ref position);
    }

    /// <summary>Until there is room for a request, or the link is lost.</summary>
    public virtual Task WaitForRoomAsync(CancellationToken ct) => Task.CompletedTask;

    public void CallOpened() => Interlocked.Increment(ref _open);

    public virtual void CallEnded() => Interlocked.Decrement(ref _open);
}
