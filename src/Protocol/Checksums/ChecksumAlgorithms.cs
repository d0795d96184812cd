namespace Vault.Protocol.Checksums;

/// <summary>Names and properties of the checksum algorithms, as S3 has them.</summary>
public static class ChecksumAlgorithms
{
    /// <summary>Most bytes in a checksum.</summary>
    public const int MaxLength = 64;

    /// <summary>All algorithms, in the order of their numbers.</summary>
    public static ReadOnlySpan<ChecksumAlgorithm> All =>
    [
        ChecksumAlgorithm.Crc32, ChecksumAlgorithm.Crc32C, ChecksumAlgorithm.Crc64Nvme, ChecksumAlgorithm.Sha1,
        ChecksumAlgorithm.Sha256, ChecksumAlgorithm.Sha512, ChecksumAlgorithm.Md5,
    ];

    /// <summary>Reads the name S3 gives the algorithm, such as <c>CRC64NVME</c>.</summary>
    public static bool TryParse(ReadOnlySpan<char> name, out ChecksumAlgorithm algorithm)
    {
        algorithm = name switch
        {
            "CRC32" => ChecksumAlgorithm.Crc32,
            "CRC32C" => ChecksumAlgorithm.Crc32C,
            "CRC64NVME" => ChecksumAlgorithm.Crc64Nvme,
            "SHA1" => ChecksumAlgorithm.Sha1,
            "SHA256" => ChecksumAlgorithm.Sha256,
            "SHA512" => ChecksumAlgorithm.Sha512,
            "MD5" => ChecksumAlgorithm.Md5,
            _ => ChecksumAlgorithm.None,
        };
        return algorithm != ChecksumAlgorithm.None;
    }

    /// <summary>Reads <c>COMPOSITE</c> or <c>FULL_OBJECT</c>.</summary>
    public static bool TryParse(ReadOnlySpan<char> name, out ChecksumType type)
    {
        type = name switch
        {
            "FULL_OBJECT" => ChecksumType.FullObject,
            "COMPOSITE" => ChecksumType.Composite,
            _ => ChecksumType.None,
        };
        return type != ChecksumType.None;
    }

    /// <summary>The name S3 gives the algorithm.</summary>
    public static string WireName(this ChecksumAlgorithm algorithm) => algorithm switch
    {
        ChecksumAlgorithm.Crc32 => "CRC32",
        ChecksumAlgorithm.Crc32C => "CRC32C",
        ChecksumAlgorithm.Crc64Nvme => "CRC64NVME",
        ChecksumAlgorithm.Sha1 => "SHA1",
        ChecksumAlgorithm.Sha256 => "SHA256",
        ChecksumAlgorithm.Sha512 => "SHA512",
        ChecksumAlgorithm.Md5 => "MD5",
        _ => "",
    };

    /// <summary>The name S3 gives the type.</summary>
    public static string WireName(this ChecksumType type) => type switch
    {
        ChecksumType.FullObject => "FULL_OBJECT",
        ChecksumType.Composite => "COMPOSITE",
        _ => "",
    };

    /// <summary>The header, trailer or query parameter that carries the value.</summary>
    public static string HeaderName(this ChecksumAlgorithm algorithm) => algorithm switch
    {
        ChecksumAlgorithm.Crc32 => "x-amz-checksum-crc32",
        ChecksumAlgorithm.Crc32C => "x-amz-checksum-crc32c",
        ChecksumAlgorithm.Crc64Nvme => "x-amz-checksum-crc64nvme",
        ChecksumAlgorithm.Sha1 => "x-amz-checksum-sha1",
        ChecksumAlgorithm.Sha256 => "x-amz-checksum-sha256",
        ChecksumAlgorithm.Sha512 => "x-amz-checksum-sha512",
        ChecksumAlgorithm.Md5 => "x-amz-checksum-md5",
        _ => "",
    };

    /// <summary>Bytes in a value.</summary>
    public static int Length(this ChecksumAlgorithm algorithm) => algorithm switch
    {
        ChecksumAlgorithm.Crc32 or ChecksumAlgorithm.Crc32C => 4,
        ChecksumAlgorithm.Crc64Nvme => 8,
        ChecksumAlgorithm.Sha1 => 20,
        ChecksumAlgorithm.Sha256 => 32,
        ChecksumAlgorithm.Sha512 => 64,
        ChecksumAlgorithm.Md5 => 16,
        _ => 0,
    };

    /// <summary>Whether a multipart object may have a checksum of this algorithm and type.</summary>
    public static bool Allows(this ChecksumAlgorithm algorithm, ChecksumType type) => algorithm switch
    {
        ChecksumAlgorithm.Crc32 or ChecksumAlgorithm.Crc32C => type != ChecksumType.None,
        ChecksumAlgorithm.Crc64Nvme => type == ChecksumType.FullObject,
        ChecksumAlgorithm.None => false,
        _ => type == ChecksumType.Composite,
    };

    /// <summary>The type a multipart upload gets when its creator names none.</summary>
    public static ChecksumType DefaultMultipartType(this ChecksumAlgorithm algorithm) => algorithm switch
    {
        ChecksumAlgorithm.None => ChecksumType.None,
        ChecksumAlgorithm.Crc64Nvme => ChecksumType.FullObject,
        _ => ChecksumType.Composite,
    };
}
