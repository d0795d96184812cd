namespace Vault.Protocol.Checksums;

/// <summary>The object checksums of S3. The numbers are stored; never reuse one.</summary>
public enum ChecksumAlgorithm : byte
{
    /// <summary>No checksum.</summary>
    None = 0,

    /// <summary>CRC-32, 4 bytes.</summary>
    Crc32 = 1,

    /// <summary>CRC-32C, 4 bytes.</summary>
    Crc32C = 2,

    /// <summary>CRC-64/NVME, 8 bytes; full object only.</summary>
    Crc64Nvme = 3,

    /// <summary>SHA-1, 20 bytes; composite only when multipart.</summary>
    Sha1 = 4,

    /// <summary>SHA-256, 32 bytes; composite only when multipart.</summary>
    Sha256 = 5,

    /// <summary>SHA-512, 64 bytes; composite only when multipart.</summary>
    Sha512 = 6,

    /// <summary>MD5, 16 bytes; composite only when multipart.</summary>
    Md5 = 7,
}
