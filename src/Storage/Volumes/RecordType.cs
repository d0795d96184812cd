namespace Vault.Storage.Volumes;

/// <summary>Types of record in a log; docs/spec/volume.md. Numbers are never reused.</summary>
internal enum RecordType : byte
{
    None = 0,

    /// <summary>A stored shard; the only type with a body.</summary>
    Shard = 1,

    /// <summary>Deletes the records of a CID up to the target sequence.</summary>
    Tombstone = 2,

    /// <summary>Changes when the records of a CID up to the target sequence expire.</summary>
    Expiry = 3,

    /// <summary>Hides the records of a CID up to the target sequence.</summary>
    Trash = 4,

    /// <summary>Shows them again.</summary>
    Restore = 5,

    /// <summary>Ends a group: everything before it was meant to be durable together.</summary>
    Commit = 6,

    /// <summary>Says that the one record with the target sequence is damaged.</summary>
    Quarantine = 7,
}
