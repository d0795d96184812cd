namespace Vault.Runtime.Messaging;

/// <summary>Carries frames between the processes of a cluster.</summary>
internal interface ITransport
{
    /// <summary>
    /// Takes frames that are for this process; each is the receiver's to keep. After <see cref="CloseAsync"/> it may be
    /// opened again, under another address: a silo that lost its lease goes on as a new generation.
    /// </summary>
    void Open(SiloAddress self, Action<ReadOnlyMemory<byte>> receive);

    /// <summary>Sends a frame; false when it certainly won't arrive. True promises nothing.</summary>
    bool TrySend(SiloAddress to, ReadOnlyMemory<byte> frame);

    /// <summary>
    /// Takes no more frames; those that came before are handled first, and may be answered. Then sends nothing any
    /// more.
    /// </summary>
    Task CloseAsync();

    /// <summary>Ends at once, as a process that dies.</summary>
    void Abort();
}
