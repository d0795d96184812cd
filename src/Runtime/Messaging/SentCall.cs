using Vault.Runtime.Invocation;

namespace Vault.Runtime.Messaging;

/// <summary>A call that went to another process, until its outcome; one that is sent again is another one.</summary>
internal sealed class SentCall(RemoteCalls calls, GrainRequest request, Link link, long id, long view) : PendingCall
{
    private long _position = long.MaxValue; // it has not left

    public GrainRequest Request => request;

    /// <summary>What it was sent over.</summary>
    public Link Link => link;

    public long Id => id;

    /// <summary>The view that it was sent in.</summary>
    public long View => view;

    /// <summary>Where it is among what was sent over the link.</summary>
    public ref long Position => ref _position;

    internal override void Forget(Exception? failure) => calls.Forget(this, failure);
}
