namespace Vault.Protocol.SigV4;

/// <summary><c>AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…</c>.</summary>
internal static class AuthorizationHeader
{
    public const string ThreeComponents =
        "the authorization header requires three components: Credential, SignedHeaders, and Signature.";

    private const int MaxSignedHeadersLength = 4096;

    public static SigV4Outcome Parse<TRequest>(
        in TRequest request,
        ReadOnlySpan<char> list,
        SigV4Options options,
        DateTimeOffset now,
        out SigV4Claim? claim,
        out string? detail)
        where TRequest : ISigV4Request, allows ref struct
    {
        claim = null;
        if (!TrySplit(list, out var credential, out var signedHeaders, out var signature))
        {
            detail = ThreeComponents;
            return SigV4Outcome.AuthorizationHeaderMalformed;
        }

        if (!CredentialScope.TryParse(credential, options, out var scope, out detail))
            return SigV4Outcome.AuthorizationHeaderMalformed;
        var read = new SigV4Claim(isPresigned: false, scope, Interned(signedHeaders));
        if (!HexText.TryDecode(signature, read.SignatureBuffer))
            return SigV4Outcome.SignatureDoesNotMatch;
        if (!TryReadTime(request, read))
            return SigV4Outcome.MissingDate;
        if (!read.Timestamp.AsSpan(0, 8).SequenceEqual(read.Date))
        {
            detail = $"Invalid credential date \"{read.Date}\". This date is not the same as X-Amz-Date: " +
                $"\"{read.Timestamp.AsSpan(0, 8)}\".";
            return SigV4Outcome.AuthorizationHeaderMalformed;
        }

        if ((now - read.SignedAt).Duration() > options.MaxSkew)
            return SigV4Outcome.RequestTimeTooSkewed;
        if (!SigV4Parser.HeadersAreSigned(request, read.SignedHeaders, out detail))
            return SigV4Outcome.UnsignedHeaders;
        if (request.GetHeader("x-amz-content-sha256").Only is not { } payload)
            return SigV4Outcome.MissingContentSha256;
        if (!PayloadModes.TryParse(payload, out var mode))
            return SigV4Outcome.InvalidContentSha256;
        read.Payload = mode;
        read.PayloadText = payload;
        read.SecurityToken = request.GetHeader("x-amz-security-token").Only;
        claim = read;
        return SigV4Outcome.Ok;
    }

    private static bool TryReadTime<TRequest>(in TRequest request, SigV4Claim claim)
        where TRequest : ISigV4Request, allows ref struct
    {
        DateTimeOffset time;
        if (request.GetHeader("x-amz-date").Only is { } text)
        {
            if (!SigV4Time.TryParse(text, out time))
                return false;
            claim.Timestamp = text;
        }
        else
        {
            if (request.GetHeader("date").Only is not { } date || !SigV4Time.TryParseHttpDate(date, out time))
                return false;
            claim.Timestamp = SigV4Time.Format(time);
        }

        claim.SignedAt = time;
        return true;
    }

    private static bool TrySplit(
        ReadOnlySpan<char> list,
        out ReadOnlySpan<char> credential,
        out ReadOnlySpan<char> signedHeaders,
        out ReadOnlySpan<char> signature)
    {
        credential = signedHeaders = signature = default;
        while (!list.IsEmpty)
        {
            var end = list.IndexOf(',');
            var item = (end < 0 ? list : list[..end]).Trim();
            list = end < 0 ? [] : list[(end + 1)..];
            var equals = item.IndexOf('=');
            if (equals < 0)
                return false;
            var value = item[(equals + 1)..];
            switch (item[..equals])
            {
                case "Credential" when credential.IsEmpty:
                    credential = value;
                    break;
                case "SignedHeaders" when signedHeaders.IsEmpty:
                    signedHeaders = value;
                    break;
                case "Signature" when signature.IsEmpty:
                    signature = value;
                    break;
                default:
                    return false;
            }
        }

        return !credential.IsEmpty && !signature.IsEmpty
            && signedHeaders.Length is > 0 and <= MaxSignedHeadersLength;
    }

    /// <summary>The lists that SDKs send most often need no new string.</summary>
    private static string Interned(ReadOnlySpan<char> list) => list switch
    {
        "host;x-amz-content-sha256;x-amz-date" => "host;x-amz-content-sha256;x-amz-date",
        "host;x-amz-checksum-crc32;x-amz-content-sha256;x-amz-date" =>
            "host;x-amz-checksum-crc32;x-amz-content-sha256;x-amz-date",
        _ => list.ToString(),
    };
}
