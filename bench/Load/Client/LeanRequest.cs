using Vault.Protocol.SigV4;

namespace Vault.Load.Client;

/// <summary>The headers that an SDK sends by default, as the signer sees them.</summary>
internal readonly struct LeanRequest : ISigV4Request
{
    private const string Plain = "host;x-amz-content-sha256;x-amz-date";
    private const string Read = "host;x-amz-checksum-mode;x-amz-content-sha256;x-amz-date";
    private const string Write =
        "host;x-amz-checksum-crc32;x-amz-content-sha256;x-amz-date;x-amz-sdk-checksum-algorithm";

    public required string Method { get; init; }

    public required string RawTarget { get; init; }

    public required string Host { get; init; }

    public required string Timestamp { get; init; }

    /// <summary>Value of <c>x-amz-content-sha256</c>.</summary>
    public required string Payload { get; init; }

    /// <summary>Value of <c>x-amz-checksum-crc32</c> for a PUT of an object.</summary>
    public string? Crc32 { get; init; }

    /// <summary>True for a GET of an object, which asks for its checksum.</summary>
    public bool AsksForChecksum { get; init; }

    public string SignedHeaders => Crc32 is not null ? Write : AsksForChecksum ? Read : Plain;

    public HeaderValues GetHeader(string name) => name switch
    {
        "host" => new HeaderValues(Host),
        "x-amz-content-sha256" => new HeaderValues(Payload),
        "x-amz-date" => new HeaderValues(Timestamp),
        "x-amz-checksum-crc32" => new HeaderValues(Crc32),
        "x-amz-sdk-checksum-algorithm" => Crc32 is null ? default : new HeaderValues("CRC32"),
        "x-amz-checksum-mode" => AsksForChecksum ? new HeaderValues("ENABLED") : default,
        _ => default,
    };

    public string? FindUnsignedHeader(SignedHeaderNames signedHeaders) => null;
}
