using System.Buffers;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Vault.Protocol.Checksums;
using Vault.Protocol.SigV4;
using Vault.S3Gateway.Tests.Wire;

namespace Vault.S3Gateway.Tests.Replay;

/// <summary>
/// Makes the bytes of one request: placeholders are filled, the body is framed, and the signature goes where the
/// template has <c>{signature}</c>, over exactly the headers that the template lists, in its order and spelling.
/// </summary>
internal sealed partial class ReplayRequest
{
    private readonly WireClient client;
    private readonly IReadOnlyDictionary<string, string> values;
    private readonly DateTimeOffset now = TimeProvider.System.GetUtcNow();
    private readonly string head;
    private readonly byte[] payload;
    private readonly int chunkBytes;
    private int wireLength;

    private ReplayRequest(WireClient client, IReadOnlyDictionary<string, string> values, string template)
    {
        (this.client, this.values) = (client, values);
        var end = template.IndexOf("\n\n", StringComparison.Ordinal);
        head = end < 0 ? template.TrimEnd('\n') : template[..end];
        var body = end < 0 ? "" : template[(end + 2)..].TrimEnd('\n');
        var directive = BodyDirective().Match(body);
        if (directive.Groups[1].Success)
            chunkBytes = int.Parse(directive.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        payload = directive.Success ? Payloads.Of(directive.Groups[2].Value) : Encoding.UTF8.GetBytes(Fill(body));
    }

    public string Head { get; private set; } = "";

    public byte[] Body { get; private set; } = [];

    public bool IsHead => Head.StartsWith("HEAD ", StringComparison.Ordinal);

    public bool ExpectsContinue => HeaderOf(Head, "expect") is not null;

    public bool Closes => HeaderOf(Head, "connection") == "close";

    /// <summary>Fills a template.</summary>
    public static ReplayRequest Make(
        WireClient client, IReadOnlyDictionary<string, string> values, string template)
    {
        var request = new ReplayRequest(client, values, template);
        request.Build();
        return request;
    }

    /// <summary>Fills the placeholders of a text that is no request.</summary>
    public static string Fill(WireClient client, IReadOnlyDictionary<string, string> values, string text) =>
        new ReplayRequest(client, values, "").Fill(text);

    private void Build()
    {
        // Lengths may be signed, so the framing is measured with a chain of no importance first.
        using var signer = new SigV4Signer(client.AccessKeyId, client.SecretAccessKey, "us-east-1");
        using (var measure = signer.Sign(new("PUT", "/", client.Host), "UNSIGNED-PAYLOAD", now))
            wireLength = Frame(measure).Length;
        var filled = Fill(head);
        var (signature, chain) = Sign(signer, filled);
        using (chain)
        {
            Head = filled.Replace("{signature}", signature, StringComparison.Ordinal).ReplaceLineEndings("\r\n")
                + "\r\n\r\n";
            Body = Frame(chain);
        }

        if (HeaderOf(filled, "transfer-encoding") == "chunked")
            Body = WireClient.HttpChunked(Body);
    }

    private (string Signature, ChunkSigning? Chain) Sign(SigV4Signer signer, string filled)
    {
        var line = filled[..filled.IndexOf('\n', StringComparison.Ordinal)].Split(' ');
        var names = Uri.UnescapeDataString(SignedHeaders().Match(filled).Groups[1].Value);
        var target = line[1].Replace("&X-Amz-Signature={signature}", "", StringComparison.Ordinal);
        var request = new SignableRequest(line[0], target, client.Host);
        foreach (var name in names.Split(';').Except(["host", "x-amz-date", "x-amz-content-sha256"]))
            request.With(name, HeaderOf(filled, name) ?? throw new InvalidDataException($"{name} was not sent"));
        if (target != line[1])
        {
            var presigned = signer.Authorization(request, names, "UNSIGNED-PAYLOAD", SigV4Time.Format(now));
            return (presigned[^64..], null);
        }

        var chain = signer.Sign(request, HeaderOf(filled, "x-amz-content-sha256")!, now);
        Assert.Equal(names, request.SignedHeaderList());
        return (request.Headers["authorization"][^64..], chain);
    }

    private byte[] Frame(ChunkSigning? chain)
    {
        if (chunkBytes == 0)
            return payload;
        Assert.True(PayloadModes.TryParse(HeaderOf(head, "x-amz-content-sha256"), out var mode));
        var encoder = new AwsChunkedEncoder(mode, chain);
        var framed = new ArrayBufferWriter<byte>();
        foreach (var chunk in payload.Chunk(chunkBytes))
            encoder.WriteChunk(framed, chunk);
        KeyValuePair<string, string>[] trailers = HeaderOf(head, "x-amz-trailer") is { } trailer
            ? [new(trailer, ChecksumOf(trailer["x-amz-checksum-".Length..], payload)!)]
            : [];
        encoder.WriteEnd(framed, trailers);
        return framed.WrittenSpan.ToArray();
    }

    private string Fill(string text) => Placeholder().Replace(
        text,
        found => Value(found.Groups[1].Value, found.Groups[2].Success ? found.Groups[2].Value : null) ?? found.Value);

    private string? Value(string name, string? argument) => name switch
    {
        "host" => client.Host,
        "date" => SigV4Time.Format(now),
        "credential" => $"{client.AccessKeyId}/{now:yyyyMMdd}/us-east-1/s3/aws4_request",
        "url" => Uri.EscapeDataString(Value(argument!, null)!),
        "xml" => WebUtility.HtmlEncode(values[argument!]),
        "length" => wireLength.ToString(CultureInfo.InvariantCulture),
        "size" => BytesOf(argument).Length.ToString(CultureInfo.InvariantCulture),
        "sha256" when argument is null => Convert.ToHexStringLower(SHA256.HashData(payload)),
        "md5" => Convert.ToHexStringLower(VaultFixture.Md5(BytesOf(argument))),
        "signature" => null,
        _ => ChecksumOf(name, BytesOf(argument)) ?? values[name],
    };

    private byte[] BytesOf(string? names) => names is null ? payload : Payloads.Of(names);

    private static string? ChecksumOf(string name, byte[] bytes)
    {
        if (!ChecksumAlgorithms.TryParse(name.ToUpperInvariant(), out ChecksumAlgorithm algorithm))
            return null;
        using var checksum = new IncrementalChecksum(algorithm);
        checksum.Append(bytes);
        return checksum.Finish().ToString();
    }

    private static string? HeaderOf(string head, string name)
    {
        foreach (var line in head.Split('\n').Skip(1))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0 && line[..colon].Equals(name, StringComparison.OrdinalIgnoreCase))
                return line[(colon + 1)..].Trim();
        }

        return null;
    }

    [GeneratedRegex(@"\A\{\{(?:aws-chunked ([0-9]+) )?([a-z+]+)\}\}\z")]
    private static partial Regex BodyDirective();

    [GeneratedRegex(@"\{([a-z][a-z0-9]*)(?: ([a-z0-9+]+))?\}")]
    private static partial Regex Placeholder();

    [GeneratedRegex("SignedHeaders=([^,& ]+)")]
    private static partial Regex SignedHeaders();
}
