using Vault.Protocol.Ids;

namespace Vault.Storage.Volumes;

/// <summary>
/// From a CID to its records in one log: in memory while the log is young, in a file once it is sealed.
/// </summary>
internal interface ILogIndex : IDisposable
{
    /// <summary>Records of all types.</summary>
    int Count { get; }

    /// <summary>False when no record of that CID is in the log.</summary>
    bool MayContain(in Cid cid);

    /// <summary>Adds every record of that CID, in no order.</summary>
    /// <exception cref="IndexDamagedException">A page's checksum is wrong.</exception>
    void Find(in Cid cid, ref EntryList found);

    /// <summary>
    /// The records by rising sequence, from the first above <paramref name="after"/>; returns how many.
    /// </summary>
    /// <exception cref="IndexDamagedException">A page's checksum is wrong.</exception>
    int ReadAfter(ulong after, Span<IndexEntry> entries);
}

/// <summary>An index file cannot be trusted; it is rebuilt from its log.</summary>
internal sealed class IndexDamagedException(string message) : IOException(message)
{
    /// <summary>The log whose index it is; set on the way up.</summary>
    public LogFile? Log { get; set; }
}
