namespace Vault.Protocol.Checksums;

/// <summary>What a multipart object's checksum covers. The numbers are stored; never reuse one.</summary>
public enum ChecksumType : byte
{
    /// <summary>No checksum.</summary>
    None = 0,

    /// <summary>All bytes of the object.</summary>
    FullObject = 1,

    /// <summary>The concatenated checksums of the parts.</summary>
    Composite = 2,
}
