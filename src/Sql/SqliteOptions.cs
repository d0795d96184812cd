namespace Vault.Sql;

/// <summary>Settings of the embedded database.</summary>
public sealed class SqliteOptions
{
    /// <summary>The database file; its directory is created when missing.</summary>
    public required string Path { get; set; }

    /// <summary>Free bytes on the file's disk below which only changes that free space are accepted.</summary>
    public long ReserveBytes { get; set; } = 256L << 20;

    /// <summary>Connections that read at the same time.</summary>
    public int Readers { get; set; } = 8;

    /// <summary>Transactions that may wait for the writer; more callers wait for their turn to queue.</summary>
    public int QueuedTransactions { get; set; } = 4096;

    /// <summary>Statements that one commit takes at most, unless one transaction alone has more.</summary>
    public int StatementsPerCommit { get; set; } = 512;

    /// <summary>Bytes of write-ahead log after which a background checkpoint begins.</summary>
    public long CheckpointBytes { get; set; } = 96L << 20;

    /// <summary>Bytes of write-ahead log at which the writer waits for the checkpoint.</summary>
    public long LogLimitBytes { get; set; } = 256L << 20;

    /// <summary>Bytes per database page, for a new file.</summary>
    public int PageBytes { get; set; } = 4096;

    /// <summary>Bytes of pages that the writer keeps in memory.</summary>
    public long WriterCacheBytes { get; set; } = 8L << 20;
}
