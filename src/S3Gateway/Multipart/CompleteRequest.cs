using System.Globalization;
using Vault.Protocol.Checksums;
using Vault.S3Gateway.Http;
using Vault.S3Gateway.Objects;

namespace Vault.S3Gateway.Multipart;

/// <summary>The document of CompleteMultipartUpload.</summary>
internal static class CompleteRequest
{
    /// <summary>Reads the chosen parts: numbers ascend.</summary>
    /// <exception cref="S3Exception">400 MalformedXML, InvalidPartOrder.</exception>
    public static List<ChosenPart> Parse(ReadOnlyMemory<byte> document)
    {
        if (document.IsEmpty)
            throw S3Errors.MalformedXml.Thrown();
        var chosen = new List<ChosenPart>();
        foreach (var part in S3XmlElement.Parse(document, "CompleteMultipartUpload").Children)
        {
            if (part.Name != "Part")
                continue;
            if (chosen.Count == PartNumbers.Max || part["ETag"] is not { } etag
                || !int.TryParse(part["PartNumber"], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                throw S3Errors.MalformedXml.Thrown();
            if (number is < 1 or > PartNumbers.Max)
                throw S3Errors.InvalidArgument.With("PartNumber must be an integer between 1 and 10000, inclusive")
                    .Thrown();
            if (chosen.Count > 0 && chosen[^1].Number >= number)
                throw S3Errors.InvalidPartOrder.Thrown();
            chosen.Add(new(number, EntityTags.Bare(etag).ToString(), ChecksumOf(part)));
        }

        return chosen.Count == 0 ? throw S3Errors.MalformedXml.Thrown() : chosen;
    }

    private static Checksum ChecksumOf(S3XmlElement part)
    {
        foreach (var algorithm in ChecksumAlgorithms.All)
        {
            if (part["Checksum" + algorithm.WireName()] is not { } text)
                continue;
            return Checksum.TryParse(algorithm, text, out var checksum)
                ? checksum
                : throw S3Errors.InvalidPart.Thrown();
        }

        return default;
    }
}

/// <summary>A part that the client wants in the object.</summary>
internal readonly record struct ChosenPart(int Number, string ETag, Checksum Checksum);
