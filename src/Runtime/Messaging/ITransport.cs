namespace Vault.Runtime.Messaging;

/// <summary>Carries frames between the processes of a cluster.</summary>
internal interface ITransport
{
    /// <summary>
    /// Takes frames that are for this process, and connections where there are any. After <see cref="CloseAsync"/> it
    /// may be opened again, under another address: a silo that lost its lease goes on as a new generation.
    /// </summary>
    void Open(SiloAddress self, ITransportUser user);

    /// <summary>The link over which frames to a process leave now; null when they certainly would not arrive.</summary>
    Link? Find(SiloAddress to);

    /// <summary>
    /// Takes no more frames; those that came before are handled first, and may be answered. Then sends nothing any
    /// more.
    /// </summary>
    Task CloseAsync();

    /// <summary>Ends at once, as a process that dies.</summary>
    void Abort();
}

/// <summary>What a transport tells of. It may be called by several threads, never by two for one link.</summary>
internal interface ITransportUser
{
    /// <summary>A frame has come; its bytes are the transport's again when this returns.</summary>
    void Receive(Link from, ReadOnlySpan<byte> frame);

    /// <summary>A link is up, and its other side has proven itself.</summary>
    void Connected(Link link);

    /// <summary>Nothing will come over this link any more.</summary>
    void Lost(Link link);
}
