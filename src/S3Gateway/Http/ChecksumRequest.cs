using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Vault.Protocol.Checksums;

namespace Vault.S3Gateway.Http;

/// <summary>What a request says about the checksum of its body.</summary>
/// <param name="Algorithm">The algorithm named, or none.</param>
/// <param name="Expected">The value from a header; its algorithm is none when there is none, or when it trails.</param>
/// <param name="Trails">Whether the value comes in the trailer.</param>
internal readonly record struct ChecksumRequest(ChecksumAlgorithm Algorithm, Checksum Expected, bool Trails)
{
    private const string Prefix = "x-amz-checksum-";

    /// <summary>Reads the headers of a request with a body.</summary>
    /// <exception cref="S3Exception">400: two checksums, an unknown algorithm, a wrong length.</exception>
    public static ChecksumRequest Read(IHeaderDictionary headers)
    {
        var found = ChecksumAlgorithm.None;
        var expected = default(Checksum);
        foreach (KeyValuePair<string, StringValues> header in headers)
        {
            if (!header.Key.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) || IsOption(header.Key))
                continue;
            if (found != ChecksumAlgorithm.None)
                throw Several();
            found = OfHeader(header.Key);
            if (!Checksum.TryParse(found, header.Value.ToString(), out expected))
                throw S3Errors.InvalidRequest.With($"Value for {header.Key.ToLowerInvariant()} header is invalid.")
                    .Thrown();
        }

        var trails = false;
        if (headers.TryGetValue("x-amz-trailer", out var trailer) && OfTrailer(trailer.ToString()) is { } trailing)
        {
            if (found != ChecksumAlgorithm.None)
                throw Several();
            found = trailing;
            trails = true;
        }

        if (headers.TryGetValue("x-amz-sdk-checksum-algorithm", out var named))
            Confirm(named.ToString(), found);
        return new(found, expected, trails);
    }

    /// <summary>The algorithm of a checksum header's name.</summary>
    public static ChecksumAlgorithm OfHeader(ReadOnlySpan<char> name)
    {
        foreach (var algorithm in ChecksumAlgorithms.All)
        {
            if (name.Equals(algorithm.HeaderName(), StringComparison.OrdinalIgnoreCase))
                return algorithm;
        }

        throw S3Errors.InvalidRequest
            .With("The algorithm type you specified in x-amz-checksum- header is invalid.").Thrown();
    }

    /// <summary>Reads the name of an algorithm as <c>x-amz-checksum-algorithm</c> carries it.</summary>
    public static ChecksumAlgorithm OfName(string name) =>
        ChecksumAlgorithms.TryParse(name.ToUpperInvariant(), out ChecksumAlgorithm algorithm)
            ? algorithm
            : throw S3Errors.InvalidRequest
                .With("Checksum algorithm provided is unsupported. Please try again with any of the valid types: "
                    + "[CRC32, CRC32C, CRC64NVME, SHA1, SHA256, SHA512, MD5]").Thrown();

    /// <summary>Whether the header is an option rather than a value.</summary>
    private static bool IsOption(string name) =>
        name.Equals("x-amz-checksum-algorithm", StringComparison.OrdinalIgnoreCase)
        || name.Equals("x-amz-checksum-type", StringComparison.OrdinalIgnoreCase)
        || name.Equals("x-amz-checksum-mode", StringComparison.OrdinalIgnoreCase);

    private static ChecksumAlgorithm? OfTrailer(string declared)
    {
        ChecksumAlgorithm? found = null;
        foreach (var range in declared.AsSpan().Split(','))
        {
            var name = declared.AsSpan()[range].Trim();
            if (!name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
                throw S3Errors.InvalidRequest
                    .With("The value specified in the x-amz-trailer header is not supported").Thrown();
            if (found is not null)
                throw Several();
            found = OfHeader(name);
        }

        return found;
    }

    private static void Confirm(string named, ChecksumAlgorithm found)
    {
        var algorithm = OfName(named);
        if (found == ChecksumAlgorithm.None)
            throw S3Errors.InvalidRequest
                .With("x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer "
                    + "headers were found.").Thrown();
        if (found != algorithm)
            throw S3Errors.InvalidRequest
                .With("Value for x-amz-sdk-checksum-algorithm header is invalid.").Thrown();
    }

    private static S3Exception Several() => S3Errors.InvalidRequest
        .With("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.").Thrown();
}
